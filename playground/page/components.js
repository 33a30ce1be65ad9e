// The components of a message: rows of buttons and menus, and layouts of texts, pictures and files.
import { attachment, download, hidden, picture } from "./attachment.js";
import { offered, preselected } from "./directory.js";
import { h } from "./element.js";
import { markdown } from "./markdown.js";
import { Picker } from "./picker.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };
const THUMBNAIL = { width: 84, height: 84 }; // CSS px
const LAYOUT = 1 << 15; // the flag of a message that is nothing but components

const BUILDERS = {
  1: row,
  2: button,
  3: menu,
  5: menu,
  6: menu,
  7: menu,
  8: menu,
  9: section,
  10: (text, { scene }) => words(text, scene),
  11: (thumbnail, context) => media(thumbnail, context.message, THUMBNAIL),
  12: gallery,
  13: file,
  14: separator,
  17: container,
};

export function isLayout(message) {
  return Boolean(message.flags & LAYOUT);
}

export function components(message, scene) {
  return all(message.components, { message, scene });
}

export function words({ content }, scene) {
  return h("div", { class: "content" }, ...markdown(content, scene.names));
}

function all(list, context) {
  return list.map((component) => BUILDERS[component.type]?.(component, context) ?? null);
}

function row(component, context) {
  return h("div", { class: "row" }, all(component.components, context));
}

function button(component) {
  const style = STYLES[component.style] ?? "secondary";
  const emoji = component.emoji && !component.emoji.id
    ? h("span", { class: "emoji", "aria-hidden": component.label ? "true" : null }, component.emoji.name)
    : null;
  if (component.url) {
    const safe = /^https?:\/\//i.test(component.url) ? component.url : null;
    const link = { class: "button link", href: safe, target: "_blank", rel: "noopener noreferrer" };
    return h("a", link, emoji, component.label);
  }
  return h(
    "button",
    { type: "button", class: `button ${style}`, disabled: component.disabled, "data-custom-id": component.custom_id },
    emoji,
    component.label,
  );
}

// Its choice bubbles up as the event "choose", as a button's press does.
function menu(component, { message, scene }) {
  const picker = new Picker({
    key: `${message.id}-${encodeURIComponent(component.custom_id)}`,
    options: offered(component, scene),
    chosen: preselected(component),
    low: component.min_values ?? 1,
    high: component.max_values ?? 1,
    placeholder: component.placeholder,
    disabled: component.disabled,
    changed: (values, before) => {
      const detail = { custom_id: component.custom_id, values, button: picker.button, undo: () => picker.set(before) };
      picker.element.dispatchEvent(new CustomEvent("choose", { bubbles: true, detail }));
    },
  });
  picker.button.dataset.menu = component.custom_id;
  return picker.element;
}

function section(component, context) {
  const texts = h("div", { class: "section-texts" }, all(component.components, context));
  return h("div", { class: "section" }, texts, all([component.accessory], context));
}

function gallery(component, { message }) {
  const many = component.items.length > 1;
  const pictures = component.items.map((item) => media(item, message));
  return h("div", { class: many ? "gallery several" : "gallery" }, pictures);
}

function media(item, message, most) {
  const attached = message.attachments.find(({ id }) => id === String(item.media.attachment_id)) ?? {};
  const shown = { ...attached, url: item.media.url, description: item.description ?? attached.description };
  const isPicture = !shown.content_type || shown.content_type.startsWith("image/");
  return hidden(item, isPicture ? picture(shown, most) : download(shown));
}

function file(component, { message }) {
  const attached = message.attachments.find(({ id }) => id === String(component.file.attachment_id));
  return hidden(component, download(attached ?? { url: component.file.url, filename: component.name, size: component.size }));
}

function separator({ divider = true, spacing = 1 }) {
  const size = spacing === 2 ? "wide" : "narrow";
  return divider ? h("hr", { class: size }) : h("div", { class: `gap ${size}` });
}

function container(component, context) {
  const box = h("div", { class: "container", role: "group" }, all(component.components, context));
  const colour = component.accent_color;
  if (colour !== null && colour !== undefined) {
    box.style.setProperty("--edge-colour", `#${colour.toString(16).padStart(6, "0")}`);
  }
  return hidden(component, box);
}
