// One of Discord's message payloads as an article. Its parts are always the same slots in the same
// order, so that an edit replaces only the slots that really changed.
import { attachment } from "./attachment.js";
import { components, isLayout } from "./components.js";
import { avatar, h, icon } from "./element.js";
import { markdown } from "./markdown.js";
import { sentAt } from "./timestamp.js";

const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;

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
    // A layout shows its files where it wants them, and not otherwise.
    h("div", { class: "attachments" }, isLayout(message) ? [] : message.attachments.map(attachment)),
    h("div", { class: "rows" }, components(message, scene)),
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
  if (focused && !focused.isConnected) refocus(shown, focused.dataset);
}

// Whoever used a button or a menu that the edit took away stays at this message.
function refocus(shown, { customId, menu }) {
  const again = [...shown.querySelectorAll("button:enabled")].find(
    ({ dataset }) => dataset.customId === customId && dataset.menu === menu,
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

function footer(ephemeral) {
  const slot = h("footer", { class: "only-you" });
  if (!ephemeral) return slot;
  const dismiss = h("button", { type: "button", class: "plain", "data-delete": true }, "Dismiss message");
  slot.append(icon("eye"), "Only you can see this · ", dismiss);
  return slot;
}

// What Discord has below "Apps" in a message's menu.
export function apps(scene) {
  const tool = ({ name, shown }) => ({ type: "button", class: "tool", "data-use": name, title: `Apps → ${shown}` });
  return h("span", { class: "apps" }, scene.menu.map((entry) => h("button", tool(entry), entry.shown)));
}

function actions(message, scene, ephemeral) {
  const slot = h("div", { class: "actions" }, apps(scene));
  if (ephemeral || !(scene.moderates || message.author.id === scene.person)) return slot;
  const remove = { type: "button", class: "tool", "data-delete": true, title: "Delete message" };
  slot.append(h("button", { ...remove, "aria-label": "Delete message" }, icon("trash")));
  return slot;
}
