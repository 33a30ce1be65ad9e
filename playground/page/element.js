// Every node of the page is built here, from text: no markup is ever parsed, so that what people
// type stays data.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const PATHS = {
  arrow: "M4 18v-4a4 4 0 0 1 4-4h12",
  check: "M5 13l4 4L19 7",
  close: "M6 6l12 12M18 6 6 18",
  down: "M6 9l6 6 6-6",
  envelope: "M3 6h18v12H3zM3 7l9 6 9-6",
  eye: "M2 12s3.5-6 10-6 10 6 10 6-3.5 6-10 6-10-6-10-6zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4M12 10v7M9 14l3 3 3-3",
  hash: "M9 4 7 20M17 4l-2 16M4 9h17M3 15h17",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  picture: "M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5M15 9h.01",
  send: "M4 12h15M13 6l6 6-6 6",
  spark: "M12 3c.8 5.3 3.7 8.2 9 9-5.3.8-8.2 3.7-9 9-.8-5.3-3.7-8.2-9-9 5.3-.8 8.2-3.7 9-9z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M19 5l-1.4 1.4M6.4 17.6 5 19",
  thread: "M5 4v8a3 3 0 0 0 3 3h11M15 11l4 4-4 4",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

const SHADES = 6;

export function avatar(name, isApp = false) {
  if (isApp) return h("span", { class: "avatar avatar-app", "aria-hidden": "true" }, icon("spark"));
  // By name, not by id: ids differ in every playground, and a person keeps their colour.
  const sum = [...name].reduce((total, letter) => total * 2 + letter.codePointAt(0), 7);
  const initials = [...name].slice(0, 2).join("");
  return h("span", { class: `avatar shade-${sum % SHADES}`, "aria-hidden": "true" }, initials);
}
