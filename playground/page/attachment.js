// Pictures and files, as attachments of a message and in its layout.
import { h, icon } from "./element.js";

// CSS px: as wide as Discord shows one, and so high that its buttons fit a laptop's window too.
const IMAGE_SIZE = { width: 550, height: 400 };
const LOCAL = ["127.0.0.1", "localhost"];

// Files live on this server; of an address that names it only the path is followed, and any other
// address is null, since the page loads nothing from elsewhere.
function here(address) {
  const url = new URL(address, location.href);
  return LOCAL.includes(url.hostname) && url.port === location.port ? url.pathname : null;
}

const SPOILER = "SPOILER_"; // how the name of a file begins that is only shown when asked for

export function attachment(file) {
  const spoiler = file.filename?.startsWith(SPOILER);
  return hidden({ spoiler }, file.content_type?.startsWith("image/") ? picture(file) : download(file));
}

// The element, behind a word where it is a spoiler.
export function hidden({ spoiler }, element) {
  if (!spoiler) return element;
  return h("details", { class: "hidden-part" }, h("summary", {}, "Spoiler"), element);
}

// file: {url, filename, size}.
export function download(file) {
  const path = here(file.url);
  const size = file.size === undefined ? "" : ` ${Math.ceil(file.size / 1024).toLocaleString("en")} KB`;
  const name = file.filename ?? decodeURIComponent(file.url.split("/").at(-1));
  const link = h("a", { href: path, download: path && name, rel: "noopener" }, name);
  return h("p", { class: "file" }, icon("file"), link, h("span", { class: "size" }, size));
}

// file: {url, description, width, height}; most is what it may take, in CSS px.
export function picture(file, most = IMAGE_SIZE) {
  const path = here(file.url);
  if (path === null) return elsewhere(file);
  const shrink = Math.min(1, most.width / (file.width ?? most.width), most.height / (file.height ?? most.height));
  const image = h("img", {
    src: path,
    alt: file.description ?? "",
    // Known before the bytes arrive, so that nothing jumps.
    width: file.width && Math.round(file.width * shrink),
    height: file.height && Math.round(file.height * shrink),
  });
  const link = h("a", { href: path, target: "_blank", title: "Open the image" }, image);
  return h("figure", {}, link, description(file));
}

function elsewhere(file) {
  const label = file.description || "A picture from elsewhere, which this page does not load";
  return h("figure", { class: "elsewhere", role: "img", "aria-label": label, title: file.url }, icon("picture"));
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
