// Where a person writes: plain text, or a command chosen from the list that "/" opens.
import { h, icon } from "./element.js";
import { Command } from "./command.js";
import { leaves, withChoices } from "./directory.js";
import { Listbox } from "./listbox.js";

export class Composer {
  #listbox = new Listbox();
  #line = document.getElementById("line");
  #trouble = document.getElementById("trouble");
  #commands = [];
  #command = null;
  #scene = null;
  #ask;
  #text = h("textarea", {
    id: "text",
    rows: 1,
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "listbox",
  });
  // On a phone "/" hides on the second page of the keyboard.
  #slash = h("button", { type: "button", class: "slash", "aria-label": "Commands" }, "/");
  #send = h("button", { type: "submit", class: "send", "aria-label": "Send" }, icon("send"));

  // ask(request) resolves when the world did it and rejects with a sentence.
  constructor(ask) {
    this.#ask = ask;
    document.getElementById("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#slash.addEventListener("click", () => this.#restart("/"));
    this.#text.addEventListener("input", () => this.#suggest());
    this.#text.addEventListener("blur", () => this.#listbox.close());
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#write();
  }

  show(scene) {
    this.#scene = scene;
    this.#commands = scene.commands.flatMap(leaves);
    const label = `Message ${scene.place} as ${scene.names.person(scene.person)}`;
    this.#text.placeholder = label;
    this.#text.setAttribute("aria-label", label);
    this.say("");
    if (document.activeElement === this.#text) this.#suggest();
  }

  offer(commands) {
    this.#commands = commands.flatMap(leaves);
    if (document.activeElement === this.#text) this.#suggest();
  }

  focus() {
    this.#text.focus();
  }

  // A sentence about what just went wrong; "" takes it away.
  say(sentence) {
    this.#trouble.textContent = sentence;
  }

  #write(text = "") {
    this.#command?.close();
    this.#command = null;
    this.#text.value = text;
    this.#line.replaceChildren(this.#slash, this.#text, this.#send);
  }

  #restart(text) {
    this.#write(text);
    this.#text.focus();
    this.#suggest();
  }

  #key(event) {
    if (this.#listbox.key(event) || event.isComposing) return;
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.#submit();
  }

  #suggest() {
    // As in Discord: the space behind a whole name chooses it, and the rest is for its first option.
    const text = this.#text.value;
    const whole = this.#commands.find(({ name }) => text.startsWith(`/${name} `));
    if (whole) return this.#choose(whole, text.slice(whole.name.length + 2));
    const [, typed] = /^\/(\S*(?: \S*){0,2})$/.exec(text) ?? [];
    if (typed === undefined) return this.#listbox.close();
    const items = this.#commands
      .filter(({ name }) => name.includes(typed.toLowerCase()))
      .sort((a, b) => b.name.startsWith(typed) - a.name.startsWith(typed))
      .map((command) => ({
        title: `/${command.name}`,
        detail: command.description,
        aside: this.#scene.app.name,
        command,
      }));
    this.#listbox.open(this.#text, { heading: "Commands", items, pick: ({ command }) => this.#choose(command) });
  }

  #choose(declared, text = "") {
    this.say("");
    const actions = {
      send: () => this.#submit(),
      leave: (text) => this.#restart(text),
      suggestions: async (option, typed) =>
        (await this.#ask({ do: "suggest", name: declared.name, option, typed })).choices,
    };
    this.#fill(new Command(withChoices(declared, this.#scene), this.#listbox, actions));
    if (text.trim() !== "" && !this.#command.write(text))
      this.say(`/${declared.name} asks for no text: “${text.trim()}” was left out.`);
  }

  #fill(command) {
    this.#command = command;
    this.#line.replaceChildren(command.element, this.#send);
    command.focus();
  }

  async #submit() {
    this.say("");
    const request = this.#command ? this.#invocation() : this.#words();
    if (!request) return;
    const [command, text] = [this.#command, this.#text.value];
    // Cleared at once: who types on, or presses Enter twice, means the next thing.
    this.#write();
    this.#text.focus();
    try {
      await this.#ask(request);
    } catch (error) {
      this.say(error.message);
      // Who went elsewhere in the meantime keeps the focus there.
      const waiting = document.activeElement === this.#text && this.#text.value === "";
      if (waiting) this.#restore(command, text);
    }
  }

  // What was refused can be corrected instead of typed again.
  #restore(command, text) {
    if (command) this.#fill(command);
    else this.#write(text);
  }

  #invocation() {
    if (!this.#command.check()) return null;
    return { do: "invoke", name: this.#command.declared.name, options: this.#command.values };
  }

  #words() {
    const text = this.#text.value;
    if (text.trim() === "") return null;
    if (!/^\/\w/.test(text)) return { do: "say", text };
    this.say(`There is no command ${text.split(/\s/)[0]} here. Type / to see them all.`);
    return null;
  }
}
