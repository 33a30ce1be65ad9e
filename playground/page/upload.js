// Files on their way to the playground: sent as soon as they are chosen, named by ids when the
// command or the form goes.
import { h } from "./element.js";

export class Upload {
  #state = "";

  constructor({ several = false } = {}) {
    this.ids = [];
    this.input = h("input", { type: "file", multiple: several });
    this.input.addEventListener("change", () => this.#send());
  }

  // A sentence, or "" when the files are there.
  get problem() {
    return this.#state;
  }

  async #send() {
    const files = [...this.input.files];
    this.#state = "The file is still on its way.";
    try {
      const ids = await Promise.all(files.map(send));
      // Another choice was made in the meantime.
      if (files.some((file, index) => file !== this.input.files[index])) return;
      [this.ids, this.#state] = [ids, ""];
    } catch (error) {
      this.#state = error.message;
    }
  }
}

async function send(file) {
  const response = await fetch(`/attached/${encodeURIComponent(file.name)}`, { method: "POST", body: file });
  const { id, error } = await response.json();
  if (!id) throw new Error(error);
  return id;
}
