// The messages of the channel that is looked at, oldest first, kept at the newest unless the
// person scrolled away.
import { h } from "./element.js";
import { apps, article, update } from "./message.js";

const SAME_BREATH = 7 * 60_000; // ms within which one author's messages share a header
const NEAR_END = 60; // px

export class Log {
  #list = document.getElementById("log");
  #scroll = document.getElementById("scroll");
  #present = document.getElementById("present");
  #welcome = document.getElementById("welcome");
  #atEnd = true;
  #size = "";

  // act(request, button) asks the world for something on behalf of a pressed button or a menu, and
  // tells whether it was done.
  constructor(act) {
    this.#list.addEventListener("click", (event) => this.#press(event, act));
    this.#list.addEventListener("choose", (event) => this.#choose(event, act));
    this.#scroll.addEventListener("scroll", () => this.#scrolled());
    this.#present.addEventListener("click", () => this.#toEnd());
    // Pictures and edits change the height after the message was added.
    new ResizeObserver(() => this.#atEnd && this.#toEnd()).observe(this.#list);
    new ResizeObserver(() => this.#atEnd && this.#toEnd()).observe(this.#scroll);
  }

  show(scene) {
    this.#list.setAttribute("aria-busy", "true"); // a change of view is not news to be read aloud
    this.#list.replaceChildren(...scene.messages.map((message) => article(message, scene)));
    this.#list.removeAttribute("aria-busy");
    this.#welcome.replaceChildren(...welcome(scene));
    this.#join();
    this.#toEnd();
  }

  // The Apps menu of every message has changed.
  offer(scene) {
    for (const shown of this.#list.children) shown.querySelector(".apps").replaceWith(apps(scene));
  }

  put(message, scene) {
    const shown = this.#find(message.id);
    if (shown) update(shown, message, scene);
    else this.#list.append(article(message, scene));
    if (!shown && !this.#atEnd) this.#present.hidden = false;
    this.#join();
  }

  remove(id) {
    this.#find(id)?.remove();
    this.#join();
  }

  #find(id) {
    return this.#list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  #join() {
    let before = null;
    for (const message of this.#list.children) {
      const joined =
        before?.dataset.author === message.dataset.author &&
        message.dataset.sent - before.dataset.sent < SAME_BREATH &&
        !message.classList.contains("invoked") &&
        before.classList.contains("ephemeral") === message.classList.contains("ephemeral");
      message.classList.toggle("joined", joined);
      before = message;
    }
  }

  #press(event, act) {
    const button = event.target.closest("button");
    const message = button?.closest("[data-id]")?.dataset.id;
    if (!message) return;
    const { customId, delete: remove, use } = button.dataset;
    if (customId !== undefined) act({ do: "click", message, custom_id: customId }, button);
    else if (remove !== undefined) act({ do: "delete", message }, button);
    else if (use !== undefined) act({ do: "use", message, name: use }, button);
  }

  async #choose({ target, detail: { custom_id, values, button, undo } }, act) {
    const message = target.closest("[data-id]").dataset.id;
    if (!(await act({ do: "select", message, custom_id, values }, button))) undo();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    // The event comes late: if the content or the view has changed since, nobody scrolled away.
    const size = `${scrollHeight} ${clientHeight}`;
    if (size !== this.#size && this.#atEnd) return this.#toEnd();
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (this.#atEnd) this.#present.hidden = true;
  }

  #toEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#size = `${this.#scroll.scrollHeight} ${this.#scroll.clientHeight}`;
    this.#atEnd = true;
    this.#present.hidden = true;
  }
}

function welcome(scene) {
  const bot = scene.app.name;
  if (scene.isDirect) {
    return [
      h("p", { class: "welcome-title" }, `Direct messages with ${bot}`),
      h("p", {}, `What ${bot} tells ${scene.names.person(scene.person)} alone. Commands are for the server's channels.`),
    ];
  }
  return [
    h("p", { class: "welcome-title" }, `Welcome to ${scene.place}`),
    h("p", {}, "Type ", h("kbd", {}, "/"), ` to see what ${bot} can do, or say something.`),
  ];
}
