/** Parts of the matrix with the errors of A and B, asked of the workers. */
import { useCallback } from "react";
import type { WindowReply, WindowRequest } from "../../../workers/jobs/window/window.ts";
import type { Charts } from "../../charts/useCharts.ts";
import { track } from "../../state/busy.ts";
import { useWorkbench } from "../../state/workbench.ts";

export type HeatMapRequest = Pick<WindowRequest, "row0" | "row1" | "col0" | "col1" | "outRows" | "outCols">;

/** Replies hold one entry a recipe that is there, A before B. */
export type LoadWindow = (request: HeatMapRequest) => Promise<WindowReply>;

/** A new loader for every new pair of results, so that the map asks again. */
export function useWindows({ a, b }: Charts["shown"]): LoadWindow {
  const { client } = useWorkbench();
  return useCallback(
    (request) => {
      const [first, second] = [a, b].filter((shown) => shown !== null);
      if (!first) return Promise.reject(new Error("There is no result to look at."));
      const recipes = [first, second].filter(Boolean).map((shown) => shown.request.recipe);
      const { target: own, definitions } = first.request;
      // A recipe that computes its results does not say what those are given to the other.
      const given = own.given ?? second?.request.target.given;
      const target = given ? { ...own, given } : own;
      return track(client.window({ ...request, target, recipes, definitions }));
    },
    [client, a, b],
  );
}
