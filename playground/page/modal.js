// A form that the bot opened, over everything else until it is submitted or closed.
import { words } from "./components.js";
import { h, icon } from "./element.js";
import { field } from "./field.js";

const ROW = 1;
const TEXT = 10;
const LABEL = 18;

// ask(request) resolves when the bot took it and rejects with a sentence; leave() is called when
// the form is gone and whatever opened it cannot have the focus back.
export function openModal(modal, scene, { ask, leave }) {
  const fields = [];
  const parts = modal.components.map((component) => part(component, scene, fields));
  const trouble = h("p", { class: "trouble", role: "alert" });
  const submit = h("button", { type: "submit", class: "button primary" }, "Submit");
  const form = h("form", { novalidate: true, autocomplete: "off" }, parts, note(scene), trouble, h("footer", {}, closer(), submit));
  const dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title" }, head(modal.title), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.textContent = "";
    if (submit.getAttribute("aria-disabled") === "true" || !complete(fields)) return;
    submit.setAttribute("aria-disabled", "true");
    const values = Object.fromEntries(fields.map((entry) => [entry.customId, entry.value()]));
    try {
      await ask({ do: "submit", modal: modal.id, values });
      dialog.close();
    } catch (error) {
      trouble.textContent = error.message; // what was typed stays, to be submitted again
    } finally {
      submit.removeAttribute("aria-disabled");
    }
  });
  show(dialog, fields, leave);
}

function show(dialog, fields, leave) {
  const opener = document.activeElement;
  dialog.addEventListener("click", ({ target }) => target.closest("[data-close]") && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    // The browser gives the focus back, unless an edit has replaced what had it.
    if (!opener?.isConnected) leave();
  });
  document.body.append(dialog);
  dialog.showModal();
  fields.find(({ target }) => target && !target.disabled)?.focus();
}

// True when everything can be submitted; otherwise says what is wrong and goes there.
function complete(fields) {
  for (const entry of fields) entry.complain(entry.problem());
  const wrong = fields.find((entry) => entry.problem());
  wrong?.focus();
  return !wrong;
}

function part(component, scene, fields) {
  if (component.type === TEXT) return words(component, scene);
  const control = component.type === LABEL ? component.component : component.components?.[0];
  if (!control || ![ROW, LABEL].includes(component.type)) return null;
  const about = component.type === LABEL ? component : { label: control.label ?? "" };
  const made = field(control, about, scene);
  fields.push(made);
  return made.element;
}

function head(title) {
  const close = h("button", { type: "button", class: "tool", "aria-label": "Close", "data-close": true }, icon("close"));
  return h("header", {}, h("h2", { id: "modal-title" }, title), close);
}

function note(scene) {
  return h("p", { class: "field-note" }, `This goes to ${scene.app.name}. Share no passwords.`);
}

function closer() {
  return h("button", { type: "button", class: "button secondary", "data-close": true }, "Cancel");
}
