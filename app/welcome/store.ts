/** Whether the lines for newcomers are shown; whoever puts them away need not see them again. */
import { createStore } from "zustand/vanilla";
import { recall, remember } from "../state/storage.ts";

const KEY = "quantscope.welcome";

export const welcomeStore = createStore<{ shown: boolean }>(() => ({ shown: recall(KEY) !== "away" }));

export function showWelcome(shown: boolean): void {
  remember(KEY, shown ? "here" : "away");
  welcomeStore.setState({ shown });
}
