import { icon } from "./element.js";

const KEY = "theme";
const DARK = matchMedia("(prefers-color-scheme: dark)");

// The system decides until the person does.
export function theme(button) {
  const chosen = () => localStorage.getItem(KEY);
  const current = () => chosen() ?? (DARK.matches ? "dark" : "light");
  const show = () => {
    if (chosen()) document.documentElement.dataset.theme = chosen();
    const other = current() === "dark" ? "light" : "dark";
    button.replaceChildren(icon(other === "dark" ? "moon" : "sun"));
    button.setAttribute("aria-label", `Switch to ${other} colours`);
    button.title = `Switch to ${other} colours`;
  };
  button.addEventListener("click", () => {
    localStorage.setItem(KEY, current() === "dark" ? "light" : "dark");
    show();
  });
  DARK.addEventListener("change", show);
  show();
}
