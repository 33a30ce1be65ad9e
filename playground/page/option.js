// One option of a command while it is being filled in: a text field, or a field with a list.
import { h } from "./element.js";
import { Upload } from "./upload.js";

const INTEGER = 4;
const NUMBER = 10;
const ATTACHMENT = 11;

export class Option {
  // next() moves on after a choice was made; suggestions(typed) resolves with the bot's choices.
  constructor(declared, listbox, { next, suggestions }) {
    Object.assign(this, { declared, listbox, next, suggestions });
    this.choice = null;
    this.upload = declared.type === ATTACHMENT ? new Upload() : null;
    this.input = this.upload?.input ?? (this.isList ? this.#list() : this.#text());
    this.input.id = `value-${declared.name}`;
    this.input.setAttribute("aria-required", String(Boolean(declared.required)));
    this.input.setAttribute("aria-describedby", `error-${declared.name} hint`);
    this.input.addEventListener("input", () => this.complain(""));
    this.error = h("span", { class: "error", id: `error-${declared.name}` });
    const mark = declared.required ? h("span", { class: "required", title: "required" }, "*") : null;
    const label = h("label", { for: this.input.id }, declared.name, mark);
    const kind = this.isList ? "option-list" : "option-text";
    this.element = h("div", { class: `option ${kind}` }, h("div", { class: "pair" }, label, this.input), this.error);
  }

  get name() {
    return this.declared.name;
  }

  get isList() {
    return Boolean(this.declared.choices || this.declared.autocomplete);
  }

  get isEmpty() {
    return this.input.value === "";
  }

  // What the API is told: a choice's value, not its label.
  get value() {
    return this.upload?.ids[0] ?? this.choice?.value ?? this.input.value;
  }

  get #isNumber() {
    return [INTEGER, NUMBER].includes(this.declared.type);
  }

  get limits() {
    const { min_length: low, max_length: high, min_value: least, max_value: most } = this.declared;
    if (this.#isNumber && !this.declared.choices) {
      return `${least ?? "any"} to ${most ?? "any"}`.replace("any to any", "a number");
    }
    if (low && high) return `${low} to ${high.toLocaleString("en")} characters`;
    if (high) return `up to ${high.toLocaleString("en")} characters`;
    return low ? `at least ${low} characters` : "";
  }

  // A sentence, or "" when the option can be sent.
  get problem() {
    const { choices, required, min_length: low = 0, max_length: high = Infinity } = this.declared;
    if (this.isEmpty) return required ? "This option is required." : "Choose a value, or remove this option.";
    if (this.upload) return this.upload.problem;
    if (choices && !this.choice) return "Choose one from the list.";
    if (!choices && this.#isNumber) return this.#numberProblem;
    const length = [...this.input.value].length; // Discord counts characters, not UTF-16 units
    if (!choices && (length < low || length > high)) {
      return `This takes ${this.limits}; it has ${length.toLocaleString("en")}.`;
    }
    return "";
  }

  get #numberProblem() {
    const { type, min_value: least = -Infinity, max_value: most = Infinity } = this.declared;
    const written = type === INTEGER ? /^-?\d+$/ : /^-?(\d+(\.\d*)?|\.\d+)$/;
    if (!written.test(this.input.value)) return type === INTEGER ? "This takes a whole number." : "This takes a number.";
    const number = Number(this.input.value);
    return number < least || number > most ? `This takes a number from ${this.limits}.` : "";
  }

  complain(sentence) {
    this.error.textContent = sentence;
    if (sentence) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  // Shows the choices that match what was typed, or all of them; or what the bot suggests.
  suggest(typed = "") {
    if (!this.declared.autocomplete) return this.#offer(this.declared.choices, typed);
    this.suggestions(typed).then(
      (choices) => this.input === document.activeElement && this.input.value === typed && this.#offer(choices),
      (error) => this.complain(error.message),
    );
  }

  #offer(choices, typed = "") {
    const wanted = typed.toLowerCase();
    const items = choices
      .filter(({ name, shown, value }) => `${name} ${shown ?? ""} ${value}`.toLowerCase().includes(wanted))
      .map((choice) => ({ title: choice.shown ?? choice.name, detail: choice.detail, choice }));
    const active = Math.max(0, items.findIndex(({ choice }) => choice === this.choice));
    this.listbox.open(this.input, {
      heading: this.declared.name,
      items,
      active,
      pick: ({ choice }) => this.#choose(choice),
    });
  }

  #text() {
    return h("textarea", { rows: 1, inputmode: this.#isNumber ? "decimal" : null });
  }

  #list() {
    const input = h("input", {
      type: "text",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": "listbox",
      placeholder: this.declared.autocomplete ? "Type or choose" : "Choose",
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
    this.input.value = choice.shown ?? choice.name;
    this.input.size = Math.max(6, this.input.value.length);
    this.complain("");
    this.next(this);
  }
}
