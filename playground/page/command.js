// A command while it is being filled in: its options, required ones first, optional ones as the
// person adds them.
import { h } from "./element.js";
import { Option } from "./option.js";

export class Command {
  #shown = [];
  #more;
  #hint = document.getElementById("hint");

  // send() sends it; leave(text) goes back to plain writing; suggestions(option, typed) resolves
  // with what the bot suggests.
  constructor(declared, listbox, { send, leave, suggestions }) {
    Object.assign(this, { declared, listbox, send, leave, suggestions });
    this.#more = this.#adder();
    const chip = h("span", { class: "chip", tabindex: -1 }, `/${declared.name}`);
    this.element = h("div", { class: "command-form", role: "group", "aria-label": `/${declared.name}` }, chip, this.#more);
    for (const option of this.#options.filter(({ required }) => required)) this.#add(option);
    this.#describe(null);
    this.#count();
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("focusin", (event) => this.#focused(event.target));
  }

  get #options() {
    return this.declared.options ?? [];
  }

  get #left() {
    return this.#options.filter(({ name }) => !this.#shown.some((option) => option.name === name));
  }

  get values() {
    return Object.fromEntries(this.#shown.map((option) => [option.name, option.value]));
  }

  focus() {
    const open = this.#shown.find((option) => option.isEmpty) ?? this.#shown[0];
    (open?.input ?? this.#more).focus();
    if (!open && this.#more.hidden) this.element.querySelector(".chip").focus();
  }

  // As if it were typed into the first option that takes text. False: there is none.
  write(text) {
    const input = this.#shown.find(({ upload }) => !upload)?.input;
    if (!input) return false;
    input.value = text;
    input.dispatchEvent(new Event("input"));
    return true;
  }

  // True when everything can be sent; otherwise says what is wrong and goes there.
  check() {
    for (const option of this.#shown) option.complain(option.problem);
    const wrong = this.#shown.find((option) => option.problem);
    wrong?.input.focus();
    return !wrong;
  }

  close() {
    this.#hint.hidden = true;
    this.listbox.close();
  }

  #add(declared) {
    const option = new Option(declared, this.listbox, {
      next: (done) => this.#next(done),
      suggestions: (typed) => this.suggestions(declared.name, typed),
    });
    this.#shown.push(option);
    this.#more.before(option.element);
    this.#count();
    return option;
  }

  #next(done) {
    const open = this.#shown.find((option) => option !== done && option.isEmpty);
    (open?.input ?? done.input).focus();
  }

  #remove(option) {
    const at = this.#shown.indexOf(option);
    this.#shown.splice(at, 1);
    this.#count();
    (this.#shown[at - 1]?.input ?? this.#more).focus();
    option.element.remove();
  }

  #adder() {
    const input = h("input", {
      type: "text",
      class: "more",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": "listbox",
    });
    input.addEventListener("focus", () => this.#offer());
    input.addEventListener("click", () => this.#offer());
    input.addEventListener("input", () => this.#offer());
    input.addEventListener("blur", () => {
      input.value = "";
      this.listbox.close();
    });
    return input;
  }

  #offer() {
    const typed = this.#more.value.trim().toLowerCase();
    const items = this.#left
      .filter(({ name }) => name.includes(typed))
      .map((declared) => ({ title: declared.name, detail: declared.description, declared }));
    this.listbox.open(this.#more, {
      heading: "Optional",
      items,
      // Nothing is active until somebody reaches for the list: Enter here still sends the command.
      active: typed ? 0 : -1,
      pick: ({ declared }) => {
        this.#more.value = "";
        this.#add(declared).input.focus();
      },
    });
  }

  #count() {
    const left = this.#left.length;
    this.#more.hidden = left === 0;
    this.#more.placeholder = `+${left} optional`;
    this.#more.setAttribute("aria-label", `Add one of ${left} optional options`);
  }

  #key(event) {
    if (this.listbox.key(event) || event.isComposing) return;
    const option = this.#shown.find(({ input }) => input === event.target);
    const actions = {
      Enter: () => this.send(),
      Escape: () => this.leave(""),
      ArrowDown: () => option?.isList ? option.suggest() : undefined,
      Backspace: () => this.#back(option, event),
    };
    const action = actions[event.key];
    if (!action) return;
    // Arrows and Backspace move and erase in a field that holds text.
    const edits = event.key === "Backspace" || (event.key === "ArrowDown" && !option?.isList);
    if (edits && event.target.value) return;
    event.preventDefault();
    action();
  }

  #back(option) {
    if (option && !option.declared.required) this.#remove(option);
    else if (!option && this.#shown.length > 0) this.#shown.at(-1).input.focus();
    else this.leave(`/${this.declared.name}`);
  }

  #focused(target) {
    this.#describe(this.#shown.find(({ input }) => input === target) ?? null);
  }

  #describe(option) {
    const [title, text] = option
      ? [option.name, option.declared.description]
      : [`/${this.declared.name}`, this.declared.description];
    const need = option && (option.declared.required ? "required" : "optional");
    const notes = option ? [need, option.limits].filter(Boolean).join(" · ") : "";
    this.#hint.replaceChildren(h("b", {}, title), ` ${text} `, h("span", { class: "notes" }, notes));
    this.#hint.hidden = false;
  }
}
