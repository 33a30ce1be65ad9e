// A select menu: a button that shows what is chosen, and opens the list to choose from. The button
// keeps the focus and tells assistive technology which option is active.
import { h, icon } from "./element.js";

const GAP = 4; // px between the button and its list
const MARGIN = 8; // px between the list and the window's edge

export class Picker {
  #list = null;
  #active = -1;
  #open = []; // what was chosen when the list was opened
  #typed = { text: "", at: 0 };

  // options: {label, value, detail}; key makes ids that no other menu has; label names the button,
  // or named is the id of what does; changed(values) is called when a choice was made.
  constructor({ key, options, chosen, low = 1, high = 1, placeholder, label, named, disabled, changed = () => {} }) {
    Object.assign(this, { key, options, low, high, changed });
    this.placeholder = placeholder || "Make a selection";
    this.values = chosen.filter((value) => options.some((option) => option.value === value));
    this.button = h("button", {
      type: "button",
      class: "picker-button",
      role: "combobox",
      id: `picker-${key}`,
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-label": named ? null : label ?? this.placeholder,
      "aria-labelledby": named,
      disabled,
    });
    this.element = h("div", { class: "picker" }, this.button);
    this.button.addEventListener("click", () => (this.#list ? this.#commit() : this.#show()));
    this.button.addEventListener("keydown", (event) => this.#key(event));
    this.button.addEventListener("blur", () => this.#commit());
    this.#write();
  }

  get #many() {
    return this.high > 1;
  }

  // Shows `values` as chosen, without telling anybody.
  set(values) {
    this.values = values;
    this.#write();
  }

  #write() {
    const chosen = this.options.filter(({ value }) => this.values.includes(value));
    const words = chosen.map(({ label }) => label).join(", ");
    const shown = h("span", { class: words ? "picked" : "picked nothing" }, words || this.placeholder);
    this.button.replaceChildren(shown, icon("down"));
  }

  #show() {
    const busy = this.button.getAttribute("aria-disabled") === "true"; // the last choice is on its way
    if (busy || this.options.length === 0) return;
    this.#open = this.values;
    this.button.focus(); // not every browser focuses a button that is pressed
    this.#list = h("div", { class: "picker-list", popover: "manual" }, this.#note(), this.#box(), this.#done());
    // Pressing the list must not take the focus out of the button.
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#toggle(Number(option.dataset.index));
    });
    this.element.append(this.#list);
    this.#list.showPopover?.();
    this.#place();
    addEventListener("scroll", this.#place, true);
    addEventListener("resize", this.#place);
    this.button.setAttribute("aria-expanded", "true");
    this.button.setAttribute("aria-controls", `list-${this.key}`);
    this.#mark();
    this.#activate(Math.max(0, this.options.findIndex(({ value }) => this.values.includes(value))));
  }

  #note() {
    if (!this.#many) return null;
    const several = this.low > 0 ? `${this.low} to ${this.high}` : `up to ${this.high}`;
    return h("p", { class: "heading" }, `Choose ${this.low === this.high ? this.high : several}`);
  }

  #box() {
    const attributes = { role: "listbox", id: `list-${this.key}`, "aria-label": this.placeholder, class: "picker-options" };
    if (this.#many) attributes["aria-multiselectable"] = "true";
    return h("div", attributes, this.options.map((option, index) => row(option, `${this.key}-${index}`, index)));
  }

  #done() {
    if (!this.#many) return null;
    const button = h("button", { type: "button", class: "button primary picker-done", tabindex: -1 }, "Done");
    button.addEventListener("click", () => this.#commit());
    return button;
  }

  // Below the button, or above it where there is more room.
  #place = (event) => {
    if (!this.#list || event?.target === this.#list.querySelector(".picker-options")) return;
    const at = this.button.getBoundingClientRect();
    const [above, below] = [at.top - MARGIN - GAP, innerHeight - at.bottom - MARGIN - GAP];
    const { style } = this.#list;
    style.width = `${Math.min(Math.max(at.width, 240), innerWidth - 2 * MARGIN)}px`;
    style.maxHeight = `${Math.max(above, below, 120)}px`;
    style.left = `${Math.max(MARGIN, Math.min(at.left, innerWidth - this.#list.offsetWidth - MARGIN))}px`;
    const height = this.#list.offsetHeight;
    style.top = `${height <= below || below >= above ? at.bottom + GAP : Math.max(MARGIN, at.top - GAP - height)}px`;
  };

  #key(event) {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const { key } = event;
    if (!this.#list) {
      if (key === "ArrowDown" || key === "ArrowUp") this.#show();
      else return;
    } else if (!this.#move(key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // True when the key was meant for the list.
  #move(key) {
    const last = this.options.length - 1;
    if (key === "ArrowDown") this.#activate(Math.min(this.#active + 1, last));
    else if (key === "ArrowUp") this.#activate(Math.max(this.#active - 1, 0));
    else if (key === "Home") this.#activate(0);
    else if (key === "End") this.#activate(last);
    else if (key === "Enter" || key === " ") this.#toggle(this.#active);
    else if (key === "Escape") this.#commit();
    else if (key.length === 1) this.#seek(key);
    else return false;
    return true;
  }

  #seek(letter) {
    const text = Date.now() - this.#typed.at < 700 ? this.#typed.text + letter : letter;
    this.#typed = { text, at: Date.now() };
    const found = this.options.findIndex(({ label }) => label.replace(/^[@#]/, "").toLowerCase().startsWith(text.toLowerCase()));
    if (found >= 0) this.#activate(found);
  }

  #activate(index) {
    this.#active = index;
    const rows = this.#list.querySelectorAll("[role=option]");
    rows.forEach((option, at) => option.classList.toggle("active", at === index));
    rows[index]?.scrollIntoView({ block: "nearest" });
    this.button.setAttribute("aria-activedescendant", rows[index].id);
  }

  #toggle(index) {
    const { value } = this.options[index];
    const chosen = this.values.includes(value);
    if (!this.#many) {
      this.values = chosen && this.low === 0 ? [] : [value];
      return this.#commit();
    }
    if (!chosen && this.values.length >= this.high) return;
    this.values = chosen ? this.values.filter((other) => other !== value) : [...this.values, value];
    this.#mark();
    this.#activate(index);
  }

  #mark() {
    const full = this.#many && this.values.length >= this.high;
    for (const option of this.#list.querySelectorAll("[role=option]")) {
      const chosen = this.values.includes(this.options[option.dataset.index].value);
      option.setAttribute("aria-selected", String(chosen));
      option.setAttribute("aria-disabled", String(full && !chosen));
    }
  }

  // Closes the list; too few values are as if nothing had been chosen, as in Discord.
  #commit() {
    if (!this.#list) return;
    const list = this.#list;
    this.#list = null; // first, since taking it away may blur the button
    list.remove();
    removeEventListener("scroll", this.#place, true);
    removeEventListener("resize", this.#place);
    this.button.setAttribute("aria-expanded", "false");
    for (const name of ["aria-controls", "aria-activedescendant"]) this.button.removeAttribute(name);
    if (this.values.length < this.low) this.values = this.#open;
    this.#write();
    const [before, after] = [this.#open, this.values];
    if (!same(before, after)) this.changed(after, before);
  }
}

function same(before, after) {
  return before.length === after.length && before.every((value) => after.includes(value));
}

function row({ label, detail }, id, index) {
  return h(
    "div",
    { role: "option", id: `option-${id}`, "data-index": index, "aria-selected": "false" },
    h("span", { class: "option-title" }, label),
    detail ? h("span", { class: "option-detail" }, detail) : null,
    icon("check"),
  );
}
