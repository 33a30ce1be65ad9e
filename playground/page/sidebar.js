// Which channel is looked at, and as whom.
import { avatar, h, icon } from "./element.js";

const SIGNS = { channel: "hash", thread: "thread", dm: "envelope" };
const ROLES = { owner: "Owner", moderator: "Moderator", member: "Member" };

export class Sidebar {
  #channels = document.getElementById("channels");
  #people = document.getElementById("people");
  #title = document.getElementById("title");

  // look({person, channel}) changes either.
  constructor(look) {
    this.#channels.addEventListener("click", (event) => {
      const channel = event.target.closest("button")?.dataset.channel;
      if (channel) look({ channel });
    });
    this.#people.addEventListener("change", (event) => look({ person: event.target.value }));
  }

  show(scene) {
    const focused = this.#channels.contains(document.activeElement);
    this.#channels.replaceChildren(...scene.channels.map((channel) => entry(channel, scene)));
    // Rebuilt under somebody's focus: give it back to where they are.
    if (focused) this.#channels.querySelector("[aria-current]")?.focus();
    const here = scene.channels.find(({ id }) => id === scene.channel);
    this.#title.replaceChildren(icon(SIGNS[here?.kind] ?? "hash"), scene.names.channel(scene.channel));
    const shown = [...this.#people.querySelectorAll("input")].map(({ value }) => value).join();
    // Rebuilding the radio group would take the focus from whoever walks it with the arrows.
    if (shown !== scene.people.map(({ id }) => id).join()) {
      this.#people.replaceChildren(this.#people.querySelector("legend"), ...scene.people.map(person));
    }
    for (const input of this.#people.querySelectorAll("input")) input.checked = input.value === scene.person;
  }
}

function entry({ id, name, kind, state }, scene) {
  const attributes = { type: "button", class: kind, "data-channel": id, "aria-current": id === scene.channel ? "page" : null };
  const label = kind === "dm" ? h("span", {}, h("span", { class: "role" }, "Direct message"), name) : h("span", {}, name);
  const note = state === "open" ? null : h("span", { class: "state" }, state);
  return h("button", attributes, icon(SIGNS[kind] ?? "hash"), label, note);
}

function person({ id, name, role }) {
  return h(
    "label",
    { class: "person" },
    h("input", { type: "radio", name: "person", value: id }),
    avatar(name),
    h("span", { class: "person-name" }, name, " ", h("span", { class: "role" }, ROLES[role] ?? role)),
  );
}
