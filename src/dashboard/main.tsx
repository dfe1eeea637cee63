import "@mantine/core/styles.css";
import "./style.css";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";

/** How long after a reload the next one is not tried, ms: a page that is broken for good shows its error. */
const RELOAD_PAUSE_MS = 10_000;
const RELOADED = "to11-reloaded";

// A page that was opened before a deploy asks for files that are gone; the new ones are a reload away.
addEventListener("vite:preloadError", () => {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED)) < RELOAD_PAUSE_MS) return;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
});

const root = document.querySelector("#root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(<App />);
