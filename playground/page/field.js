// One field of a form that the bot opened: its label, its control, its limits and what is wrong.
import { offered, preselected } from "./directory.js";
import { h } from "./element.js";
import { Picker } from "./picker.js";
import { Upload } from "./upload.js";

const PARAGRAPH = 2;
const TEXT_MAX_LENGTH = 4000;
const REQUIRED = "This field is required.";

const CONTROLS = { 3: menu, 4: text, 5: menu, 6: menu, 7: menu, 8: menu, 19: files, 21: radios, 22: checkboxes, 23: checkbox };

// {element, customId, value(), problem(), complain(sentence), focus()}; `about` is {label, description}.
export function field(component, about, scene) {
  const id = `field-${encodeURIComponent(component.custom_id)}`;
  const error = h("span", { class: "error", id: `${id}-error` });
  const note = about.description ? h("p", { class: "field-note", id: `${id}-note` }, about.description) : null;
  const described = [note?.id, error.id].filter(Boolean).join(" ");
  const context = { id, described, scene, complain: (sentence) => complain(sentence) };
  const control = (CONTROLS[component.type] ?? unsupported)(component, context);
  const complain = (sentence) => {
    error.textContent = sentence;
    if (sentence) control.target?.setAttribute("aria-invalid", "true");
    else control.target?.removeAttribute("aria-invalid");
  };
  const shell = control.group ? grouped : labelled;
  const element = shell(id, title(component, about), note, control, error);
  return { ...control, element, complain, customId: component.custom_id, focus: () => control.target?.focus() };
}

function title(component, { label }) {
  const needed = component.type !== 23 && (component.required ?? true);
  return [label, needed ? h("span", { class: "required", title: "required" }, "*") : null];
}

function labelled(id, words, note, control, error) {
  const label = h("label", { for: id, id: `${id}-label` }, words);
  return h("div", { class: "field" }, label, note, control.body, error);
}

function grouped(id, words, note, control, error) {
  return h("fieldset", { class: "field", "aria-describedby": control.described }, h("legend", {}, words), note, control.body, error);
}

function text(component, { id, described, complain }) {
  const { min_length: low = 0, max_length: high = TEXT_MAX_LENGTH, required = true } = component;
  const long = component.style === PARAGRAPH;
  const input = h(long ? "textarea" : "input", {
    id,
    type: long ? null : "text",
    rows: long ? 4 : null,
    placeholder: component.placeholder,
    "aria-required": String(required),
    "aria-describedby": described,
  });
  input.value = component.value ?? "";
  const count = h("span", { class: "count", "aria-hidden": "true" });
  const length = () => [...input.value].length; // Discord counts characters, not UTF-16 units
  const tell = () => {
    count.textContent = `${length().toLocaleString("en")} / ${high.toLocaleString("en")}`;
    count.classList.toggle("over", length() > high);
  };
  tell();
  input.addEventListener("input", () => (tell(), complain("")));
  const problem = () => {
    if (length() === 0) return required ? REQUIRED : "";
    if (length() < low) return `This takes at least ${low.toLocaleString("en")} characters; it has ${length()}.`;
    return length() > high ? `This takes up to ${high.toLocaleString("en")} characters.` : "";
  };
  return { body: h("div", { class: "typed" }, input, count), target: input, value: () => input.value, problem };
}

function menu(component, { id, described, scene, complain }) {
  const { required = true, min_values: low = 1, max_values: high = 1 } = component;
  const picker = new Picker({
    key: id,
    options: offered(component, scene),
    chosen: preselected(component),
    low: required ? low : 0,
    high,
    placeholder: component.placeholder,
    named: `${id}-label ${id}`,
    disabled: component.disabled,
    changed: () => complain(""),
  });
  picker.button.id = id;
  picker.button.setAttribute("aria-describedby", described);
  const problem = () => {
    const count = picker.values.length;
    if (count === 0) return required ? REQUIRED : "";
    return count < low ? `Choose at least ${low}.` : "";
  };
  return { body: picker.element, target: picker.button, value: () => picker.values, problem };
}

function choices(component, { id, complain }, type) {
  const inputs = component.options.map((option, index) => {
    const input = h("input", { type, name: id, value: option.value, id: `${id}-${index}` });
    input.checked = Boolean(option.default);
    input.addEventListener("change", () => complain(""));
    return input;
  });
  const rows = component.options.map(({ label, description }, index) =>
    h("label", { class: "tick" }, inputs[index], h("span", {}, label, description ? h("small", {}, description) : null)),
  );
  const values = () => inputs.filter(({ checked }) => checked).map(({ value }) => value);
  return { body: h("div", { class: "ticks" }, rows), target: inputs[0], values };
}

function radios(component, context) {
  const { body, target, values } = choices(component, context, "radio");
  const problem = () => ((component.required ?? true) && values().length === 0 ? REQUIRED : "");
  return { body, target, group: true, described: context.described, value: () => values()[0] ?? null, problem };
}

function checkboxes(component, context) {
  const { body, target, values } = choices(component, context, "checkbox");
  const { min_values: low = 1, max_values: high = component.options.length, required = true } = component;
  const problem = () => {
    const count = values().length;
    if (count === 0) return required ? REQUIRED : "";
    return count < low || count > high ? `Choose ${low} to ${high}.` : "";
  };
  return { body, target, group: true, described: context.described, value: values, problem };
}

function checkbox(component, { id, described }) {
  const input = h("input", { type: "checkbox", id, "aria-describedby": described });
  input.checked = Boolean(component.default);
  return { body: h("div", { class: "ticks" }, input), target: input, value: () => input.checked, problem: () => "" };
}

function files(component, { id, described, complain }) {
  const { required = true, min_values: low = 1, max_values: high = 1 } = component;
  const upload = new Upload({ several: high > 1 });
  upload.input.id = id;
  upload.input.setAttribute("aria-describedby", described);
  upload.input.addEventListener("change", () => complain(""));
  const problem = () => {
    const count = upload.input.files.length;
    if (count === 0) return required ? REQUIRED : "";
    return count < low || count > high ? `Choose ${low} to ${high} files.` : upload.problem;
  };
  return { body: h("div", { class: "typed" }, upload.input), target: upload.input, value: () => upload.ids, problem };
}

// Left out of what is submitted; the world says so where it is required.
function unsupported() {
  const body = h("p", { class: "field-note" }, "This kind of field cannot be filled in here.");
  return { body, target: null, value: () => undefined, problem: () => "" };
}
