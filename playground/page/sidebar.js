// Which channel is looked at, and as whom.
import { avatar, h, icon } from "./element.js";

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
    this.#channels.replaceChildren(...scene.channels.map((channel) => entry(channel, scene)));
    this.#title.replaceChildren(icon("hash"), scene.names.channel(scene.channel));
    const shown = [...this.#people.querySelectorAll("input")].map(({ value }) => value).join();
    // Rebuilding the radio group would take the focus from whoever walks it with the arrows.
    if (shown !== scene.people.map(({ id }) => id).join()) {
      this.#people.replaceChildren(this.#people.querySelector("legend"), ...scene.people.map(person));
    }
    for (const input of this.#people.querySelectorAll("input")) input.checked = input.value === scene.person;
  }
}

function entry({ id, name }, scene) {
  const attributes = { type: "button", "data-channel": id, "aria-current": id === scene.channel ? "page" : null };
  return h("button", attributes, icon("hash"), h("span", {}, name));
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
