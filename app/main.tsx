import "./theme.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createClient } from "../workers/client/index.ts";
import { startCaptures } from "./captures/start.ts";
import { firstExperiment, startAddress, startingText } from "./link/address.ts";
import { ErrorBoundary } from "./page/ErrorBoundary.tsx";
import { schemeOf, surroundingsOf } from "./page/surroundings.ts";
import { ViewsContext } from "./page/view.ts";
import { Page } from "./shell/Page.tsx";
import { begin } from "./state/busy.ts";
import { isAbort, messageOf, notify } from "./state/notices.ts";
import { startTheme } from "./state/theme.ts";
import { vocabularyFor } from "./state/vocabulary.ts";
import { createWorkbench, WorkbenchContext } from "./state/workbench.ts";
import { views } from "./views/index.ts";

startTheme();
const started = begin();
vocabularyFor(startingText(location.hash)).then(start).finally(started);

function start(): void {
  const scheme = schemeOf(views);
  const workbench = createWorkbench(
    createClient(),
    firstExperiment(scheme, location.hash),
    surroundingsOf(views, scheme),
  );
  startAddress(scheme, workbench.timeline);
  startCaptures(workbench);
  workbench.source.start();

  // What nobody waited for is still told to the person rather than to the console alone.
  window.addEventListener("unhandledrejection", (event) => {
    if (!isAbort(event.reason)) notify(messageOf(event.reason), "error");
  });

  const root = document.getElementById("root");
  if (!root) throw new Error("The page has no place to draw itself in.");
  createRoot(root).render(
    <StrictMode>
      <WorkbenchContext.Provider value={workbench}>
        <ErrorBoundary what="The page" experiment={() => workbench.timeline.getState().experiment}>
          <ViewsContext.Provider value={views}>
            <Page />
          </ViewsContext.Provider>
        </ErrorBoundary>
      </WorkbenchContext.Provider>
    </StrictMode>,
  );
}

// After the first figures: a page that is kept for later must not be slower now. The dev server has no such worker.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  addEventListener("load", () => setTimeout(async () => (await import("./offline/updates.ts")).keepOffline(), 2000));
}
