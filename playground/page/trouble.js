// The panel that makes things go wrong: faults as switches, what happens once as buttons.
import { h } from "./element.js";

const SIDES = { provider: "The provider", discord: "Discord" };
const THREAD = { open: [["archive", "Archive this thread"], ["lock", "Lock this thread"]] };
const REOPEN = [["reopen", "Reopen this thread"]];

export class Trouble {
  #button = document.getElementById("trouble-button");
  #running = document.getElementById("bot-state");
  #actions = document.getElementById("trouble-actions");
  #place = document.getElementById("place-actions");
  #faults = document.getElementById("trouble-faults");
  #error = document.getElementById("trouble-error");
  #ask;

  // ask(request) resolves when it was done and rejects with a sentence.
  constructor(ask) {
    this.#ask = ask;
    for (const group of [this.#actions, this.#place]) {
      group.addEventListener("click", (event) => {
        const request = event.target.closest("button")?.dataset.request;
        if (request) this.#do(JSON.parse(request));
      });
    }
    this.#faults.addEventListener("change", ({ target }) =>
      this.#do({ do: "switch", name: target.value, on: target.checked }),
    );
  }

  show(scene) {
    this.switches(scene.trouble);
    const here = scene.channels.find(({ id }) => id === scene.channel);
    const line = scene.channels.find(({ kind }) => kind === "dm");
    const open = line?.state === "open";
    this.#place.replaceChildren(
      ...threads(here),
      button({ do: "take-messages", open: !open }, open ? "Close my direct messages" : "Open my direct messages"),
    );
  }

  switches(trouble) {
    this.#button.hidden = !trouble;
    if (!trouble) return;
    this.#running.textContent = trouble.running ? "The bot is running." : "The bot is not running.";
    const on = trouble.faults.filter((fault) => fault.on).length;
    this.#button.textContent = on ? `Trouble (${on} on)` : "Trouble";
    if (!this.#faults.firstChild) this.#build(trouble);
    for (const { name, on } of trouble.faults) this.#faults.querySelector(`[value="${name}"]`).checked = on;
  }

  // Built once: a rebuilt list would take the focus from whoever walks it.
  #build({ faults, actions }) {
    this.#actions.replaceChildren(...actions.map(({ name, label, does }) => button({ do: "act", name }, label, does)));
    for (const [side, title] of Object.entries(SIDES)) {
      const mine = faults.filter((fault) => fault.side === side);
      this.#faults.append(h("fieldset", {}, h("legend", {}, title), ...mine.map(choice)));
    }
  }

  async #do(request) {
    this.#error.textContent = "";
    try {
      await this.#ask(request);
    } catch (error) {
      this.#error.textContent = error.message;
    }
  }
}

function threads(here) {
  if (here?.kind === "channel") return [button({ do: "start-thread", name: "A thread" }, "Start a thread here")];
  if (here?.kind !== "thread") return [];
  return (THREAD[here.state] ?? REOPEN).map(([verb, label]) => button({ do: "change-thread", verb }, label));
}

function button(request, label, does = null) {
  const attributes = { class: "button secondary", type: "button", title: does, "data-request": JSON.stringify(request) };
  return h("button", attributes, label);
}

function choice({ name, does }) {
  const text = h("span", {}, h("b", {}, name), " ", does);
  return h("label", { class: "fault" }, h("input", { type: "checkbox", value: name }), text);
}
