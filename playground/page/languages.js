// In which language the person's client and the server are: below what makes trouble.
import { h } from "./element.js";

const WHOSE = { person: "Mine", server: "The server's" };

export class Languages {
  #box = document.getElementById("languages");

  // ask(request) resolves when it was done.
  constructor(ask) {
    this.#box.addEventListener("change", ({ target }) =>
      ask({ do: "speak", locale: target.value, server: target.name === "server" }),
    );
  }

  show({ languages }) {
    const selects = Object.entries(WHOSE).map(([whose, label]) => {
      const chosen = languages[whose];
      const options = Object.entries(languages.offered).map(([value, name]) =>
        h("option", { value, selected: value === chosen }, name),
      );
      return h("label", {}, label, " ", h("select", { name: whose }, ...options));
    });
    if (this.#box.contains(document.activeElement)) return; // whoever has just chosen
    this.#box.replaceChildren(this.#box.querySelector("legend"), ...selects);
  }
}
