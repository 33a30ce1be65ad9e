// One of Discord's message payloads as an article. Its parts are always the same slots in the same
// order, so that an edit replaces only the slots that really changed.
import { avatar, h, icon } from "./element.js";
import { markdown } from "./markdown.js";
import { sentAt } from "./timestamp.js";

const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const ROW = 1;
const BUTTON = 2;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };
const IMAGE_SIDE = 400; // CSS px: a picture and its buttons fit a laptop's window

export function article(message, scene) {
  const ephemeral = Boolean(message.flags & EPHEMERAL);
  const name = scene.nameOf(message.author);
  return h(
    "article",
    {
      class: `message${ephemeral ? " ephemeral" : ""}${invoker(message) ? " invoked" : ""}`,
      "aria-label": `${name}, ${new Date(message.timestamp).toLocaleTimeString()}`,
      "data-id": message.id,
      "data-author": message.author.id,
      "data-sent": Date.parse(message.timestamp),
    },
    invocation(message, scene),
    avatar(name, message.author.bot),
    header(message, name),
    content(message, scene),
    h("div", { class: "attachments" }, message.attachments.map(attachment)),
    h("div", { class: "rows" }, message.components.filter(({ type }) => type === ROW).map(row)),
    footer(ephemeral),
    actions(message, scene, ephemeral),
  );
}

export function update(shown, message, scene) {
  const fresh = article(message, scene);
  for (const { name, value } of fresh.attributes) {
    if (name !== "class") shown.setAttribute(name, value);
  }
  const focused = shown.contains(document.activeElement) ? document.activeElement : null;
  // A button that keeps its node keeps the focus, and a picture does not flash.
  for (const slot of [...shown.children]) {
    if (!slot.isEqualNode(fresh.children[0])) slot.replaceWith(fresh.children[0]);
    else fresh.children[0].remove();
  }
  if (focused && !focused.isConnected) refocus(shown, focused.dataset.customId);
}

// Whoever pressed a button that the edit took away stays at this message.
function refocus(shown, customId) {
  const again = [...shown.querySelectorAll("button:enabled")].find(
    (button) => button.dataset.customId === customId,
  );
  shown.tabIndex = -1;
  (again ?? shown).focus({ preventScroll: true });
}

function invoker(message) {
  return message.interaction_metadata?.name ? message.interaction_metadata : null;
}

function invocation(message, scene) {
  const slot = h("div", { class: "invocation" });
  const metadata = invoker(message);
  if (!metadata) return slot;
  const name = scene.nameOf(metadata.user);
  slot.append(
    icon("arrow"),
    avatar(name),
    h("span", { class: "invoker" }, name),
    " used ",
    h("span", { class: "command" }, `/${metadata.name}`),
  );
  return slot;
}

function header(message, name) {
  const badge = message.author.bot ? h("span", { class: "badge" }, "APP") : null;
  const author = h("span", { class: "author" }, name);
  return h("header", {}, author, badge, sentAt(message.timestamp));
}

function content(message, scene) {
  const slot = h("div", { class: "content" });
  if (message.flags & LOADING) {
    const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    slot.append(h("p", { class: "thinking" }, dots, `${scene.nameOf(message.author)} is thinking…`));
    return slot;
  }
  slot.append(...markdown(message.content, scene.names));
  if (message.edited_timestamp) {
    const mark = h("span", { class: "edited", title: `Edited ${message.edited_timestamp}` }, "(edited)");
    const last = slot.lastElementChild;
    if (last?.matches("p, small")) last.append(" ", mark);
    else if (last) slot.append(mark);
  }
  return slot;
}

// Attachments live on this server; whatever host a payload names, only the path is followed.
function here(url) {
  return new URL(url, location.href).pathname;
}

function attachment(file) {
  if (!file.content_type?.startsWith("image/")) {
    const size = `${Math.ceil(file.size / 1024).toLocaleString()} KB`;
    return h("p", { class: "file" }, h("a", { href: here(file.url), download: true }, file.filename), ` ${size}`);
  }
  const shrink = Math.min(1, IMAGE_SIDE / (file.width ?? IMAGE_SIDE), IMAGE_SIDE / (file.height ?? IMAGE_SIDE));
  const image = h("img", {
    src: here(file.url),
    alt: file.description ?? "",
    // Known before the bytes arrive, so that nothing jumps.
    width: file.width && Math.round(file.width * shrink),
    height: file.height && Math.round(file.height * shrink),
  });
  const link = h("a", { href: here(file.url), target: "_blank", title: "Open the image" }, image);
  return h("figure", {}, link, description(file));
}

function description(file) {
  if (!file.description) return null;
  return h(
    "details",
    { class: "alt" },
    h("summary", { "aria-label": "Image description" }, "ALT"),
    h("p", {}, file.description),
  );
}

function row(component) {
  const buttons = component.components.filter(({ type }) => type === BUTTON);
  return h("div", { class: "row" }, buttons.map(button));
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

function footer(ephemeral) {
  const slot = h("footer", { class: "only-you" });
  if (!ephemeral) return slot;
  const dismiss = h("button", { type: "button", class: "plain", "data-delete": true }, "Dismiss message");
  slot.append(icon("eye"), "Only you can see this · ", dismiss);
  return slot;
}

function actions(message, scene, ephemeral) {
  const slot = h("div", { class: "actions" });
  if (ephemeral || !(scene.moderates || message.author.id === scene.person)) return slot;
  const remove = { type: "button", class: "tool", "data-delete": true, title: "Delete message" };
  slot.append(h("button", { ...remove, "aria-label": "Delete message" }, icon("trash")));
  return slot;
}
