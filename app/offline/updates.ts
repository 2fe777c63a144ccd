/** What the page does about its service worker: the first one keeps it offline, a later one waits to be let in. */
import { notify } from "../state/notices.ts";

/** The first figures come first; then the samples are worth keeping. */
const KEEP_AFTER_MS = 3000;

/** Registers the worker of a built page. Without one (an old browser, a private window) the page works as before. */
export async function keepOffline(container = navigator.serviceWorker): Promise<void> {
  let registration: ServiceWorkerRegistration | undefined;
  try {
    registration = await container.register(new URL("service-worker.js", document.baseURI), {
      updateViaCache: "none",
    });
  } catch {
    return;
  }
  // What blocks service workers may do it by answering with nothing.
  if (!registration) return;
  watchForUpdates(container, registration, () => location.reload());
  const { active } = await container.ready;
  const { saveData = false } = (navigator as { connection?: { saveData?: boolean } }).connection ?? {};
  if (!saveData) setTimeout(() => active?.postMessage("keep samples"), KEEP_AFTER_MS);
}

/** Asks before a new version takes over, and reloads when it has. */
export function watchForUpdates(
  container: Pick<ServiceWorkerContainer, "controller" | "addEventListener">,
  registration: Pick<ServiceWorkerRegistration, "waiting" | "installing" | "addEventListener">,
  reload: () => void,
): void {
  let wanted = false;
  const offer = (next: ServiceWorker) =>
    notify("A new version of this page is ready. Your experiment is kept.", "info", {
      label: "Reload",
      run() {
        wanted = true;
        next.postMessage("take over");
      },
    });
  // Without a controller there is no version before: the one that installs is the first.
  const offerWhenReady = (next: ServiceWorker | null) =>
    next?.addEventListener("statechange", () => {
      if (next.state === "installed" && container.controller) offer(next);
    });
  if (registration.waiting && container.controller) offer(registration.waiting);
  // One may be on its way since before this page asked.
  offerWhenReady(registration.installing);
  registration.addEventListener("updatefound", () => offerWhenReady(registration.installing));
  container.addEventListener("controllerchange", () => {
    if (wanted) reload();
  });
}
