// The pop-up list above the composer. The field that opened it keeps the focus and tells assistive
// technology which option is active.
import { h } from "./element.js";

export class Listbox {
  #element = document.getElementById("suggestions");
  #owner = null;
  #items = [];
  #active = -1;
  #pick = null;

  constructor() {
    // Pressing an option must not take the focus out of its field.
    this.#element.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#element.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#choose(Number(option.dataset.index));
    });
  }

  get isOpen() {
    return this.#owner !== null;
  }

  // items: {title, detail, aside}; pick(item) is called once; active is an index, -1 for none.
  open(owner, { heading, items, pick, active = 0 }) {
    this.close();
    if (items.length === 0) return;
    [this.#owner, this.#items, this.#pick] = [owner, items, pick];
    const list = h("div", { role: "listbox", id: "listbox", "aria-label": heading }, items.map(option));
    this.#element.replaceChildren(h("p", { class: "heading", "aria-hidden": "true" }, heading), list);
    this.#element.hidden = false;
    owner.setAttribute("aria-expanded", "true");
    owner.setAttribute("aria-controls", "listbox");
    this.#activate(active);
  }

  close() {
    this.#owner?.setAttribute("aria-expanded", "false");
    this.#owner?.removeAttribute("aria-activedescendant");
    this.#owner = null;
    this.#element.hidden = true;
    this.#element.replaceChildren();
  }

  // True when the key was meant for the list.
  key(event) {
    if (!this.isOpen || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return false;
    const count = this.#items.length;
    if (event.key === "ArrowDown") this.#activate((this.#active + 1) % count);
    else if (event.key === "ArrowUp") this.#activate((Math.max(this.#active, 0) + count - 1) % count);
    else if (event.key === "Escape") this.close();
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.#active >= 0) {
      this.#choose(this.#active);
    } else return false;
    event.preventDefault();
    return true;
  }

  #activate(index) {
    this.#active = index;
    const options = this.#element.querySelectorAll("[role=option]");
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    options[index]?.scrollIntoView({ block: "nearest" });
    if (index >= 0) this.#owner.setAttribute("aria-activedescendant", options[index].id);
  }

  #choose(index) {
    const [item, pick] = [this.#items[index], this.#pick];
    this.close();
    pick(item);
  }
}

function option(item, index) {
  return h(
    "div",
    { role: "option", id: `option-${index}`, "data-index": index, "aria-selected": "false" },
    h("span", { class: "option-title" }, item.title),
    item.detail ? h("span", { class: "option-detail" }, item.detail) : null,
    item.aside ? h("span", { class: "option-aside" }, item.aside) : null,
  );
}
