// Which channel is looked at, and as whom.
import { avatar, h, icon } from "./element.js";

const SIGNS = { channel: "hash", thread: "thread", dm: "envelope" };

export class Sidebar {
  #channels = document.getElementById("channels");
  #people = document.getElementById("people");
  #title = document.getElementById("title");
  #read = new Map(); // the newest message that was looked at, by channel

  // look({person, channel}) changes either.
  constructor(look) {
    this.#channels.addEventListener("click", (event) => {
      const channel = event.target.closest("button")?.dataset.channel;
      if (channel) look({ channel });
    });
    this.#people.addEventListener("change", (event) => look({ person: event.target.value }));
  }

  show(scene) {
    for (const { id, last } of scene.channels) if (id === scene.channel) this.#read.set(id, last);
    const focused = this.#channels.contains(document.activeElement);
    this.#channels.replaceChildren(...scene.channels.map((channel) => entry(channel, scene, this.#isUnread(channel))));
    // Rebuilt under somebody's focus: give it back to where they are.
    if (focused) this.#channels.querySelector("[aria-current]")?.focus();
    const here = scene.channels.find(({ id }) => id === scene.channel);
    this.#title.replaceChildren(sign(here), scene.names.channel(scene.channel));
    const shown = [...this.#people.querySelectorAll("input")].map(({ value }) => value).join();
    // Rebuilding the radio group would take the focus from whoever walks it with the arrows.
    if (shown !== scene.people.map(({ id }) => id).join()) {
      this.#people.replaceChildren(this.#people.querySelector("legend"), ...scene.people.map(person));
    }
    for (const input of this.#people.querySelectorAll("input")) input.checked = input.value === scene.person;
  }

  #isUnread({ id, last }) {
    return Boolean(last) && this.#read.get(id) !== last;
  }
}

function entry({ id, name, kind, state, hidden }, scene, unread) {
  const attributes = { type: "button", class: kind, "data-channel": id, "aria-current": id === scene.channel ? "page" : null };
  const label = kind === "dm" ? h("span", {}, h("span", { class: "role" }, "Direct message"), name) : h("span", {}, name);
  const news = unread ? h("span", { class: "unread" }, "new") : null;
  const note = state === "open" ? null : h("span", { class: "state" }, state);
  return h("button", attributes, sign({ kind, hidden }), label, news, note);
}

function sign(place) {
  return icon(place?.hidden ? "lock" : (SIGNS[place?.kind] ?? "hash"));
}

function person({ id, name, about }) {
  return h(
    "label",
    { class: "person" },
    h("input", { type: "radio", name: "person", value: id }),
    avatar(name),
    h("span", { class: "person-name" }, name, " ", h("span", { class: "role" }, about ?? "Member")),
  );
}
