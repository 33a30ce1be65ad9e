// One option of a command while it is being filled in: a text field, or a field with a list.
import { h } from "./element.js";

export class Option {
  // next() moves on after a choice was made.
  constructor(declared, listbox, next) {
    Object.assign(this, { declared, listbox, next });
    this.choice = null;
    this.input = declared.choices ? this.#list() : h("textarea", { rows: 1, maxlength: null });
    this.input.id = `value-${declared.name}`;
    this.input.setAttribute("aria-required", String(Boolean(declared.required)));
    this.input.setAttribute("aria-describedby", `error-${declared.name} hint`);
    this.input.addEventListener("input", () => this.complain(""));
    this.error = h("span", { class: "error", id: `error-${declared.name}` });
    const mark = declared.required ? h("span", { class: "required", title: "required" }, "*") : null;
    const label = h("label", { for: this.input.id }, declared.name, mark);
    const kind = declared.choices ? "option-list" : "option-text";
    this.element = h("div", { class: `option ${kind}` }, h("div", { class: "pair" }, label, this.input), this.error);
  }

  get name() {
    return this.declared.name;
  }

  get isEmpty() {
    return this.input.value === "";
  }

  // What the API is told: a choice's value, not its label.
  get value() {
    return this.choice?.value ?? this.input.value;
  }

  get limits() {
    const { min_length: low, max_length: high } = this.declared;
    if (low && high) return `${low} to ${high.toLocaleString("en")} characters`;
    if (high) return `up to ${high.toLocaleString("en")} characters`;
    return low ? `at least ${low} characters` : "";
  }

  // A sentence, or "" when the option can be sent.
  get problem() {
    const { choices, required, min_length: low = 0, max_length: high = Infinity } = this.declared;
    if (this.isEmpty) return required ? "This option is required." : "Choose a value, or remove this option.";
    if (choices && !this.choice) return "Choose one from the list.";
    const length = [...this.input.value].length; // Discord counts characters, not UTF-16 units
    if (!choices && (length < low || length > high)) {
      return `This takes ${this.limits}; it has ${length.toLocaleString("en")}.`;
    }
    return "";
  }

  complain(sentence) {
    this.error.textContent = sentence;
    if (sentence) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  // Shows the choices that match what was typed, or all of them.
  suggest(typed = "") {
    const wanted = typed.toLowerCase();
    const items = this.declared.choices
      .filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted))
      .map((choice) => ({ title: choice.name, choice }));
    const active = Math.max(0, items.findIndex(({ choice }) => choice === this.choice));
    this.listbox.open(this.input, {
      heading: this.declared.name,
      items,
      active,
      pick: ({ choice }) => this.#choose(choice),
    });
  }

  #list() {
    const input = h("input", {
      type: "text",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": "listbox",
      placeholder: "Choose",
      size: 12,
    });
    input.addEventListener("input", () => {
      this.choice = null;
      this.suggest(input.value);
    });
    input.addEventListener("focus", () => this.isEmpty && this.suggest());
    input.addEventListener("click", () => this.suggest());
    input.addEventListener("blur", () => this.listbox.close());
    return input;
  }

  #choose(choice) {
    this.choice = choice;
    this.input.value = choice.name;
    this.input.size = Math.max(6, choice.name.length);
    this.complain("");
    this.next(this);
  }
}
