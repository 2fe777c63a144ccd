/** A component that is loaded when it is first drawn; the page is not idle while it loads. */
import { type ComponentType, createElement, lazy } from "react";
import { notLoaded } from "../../workers/errors/not-loaded.ts";
import { track } from "../state/busy.ts";

/** Parts that could not be loaded: each is asked for anew when it is drawn after `forgetFailedParts`. */
const failed = new Set<() => void>();

/** Lets parts that could not be loaded be asked for again. React keeps a failure as it keeps a component. */
export function forgetFailedParts(): void {
  for (const renew of failed) renew();
  failed.clear();
}

export function lazyPart<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const make = () =>
    lazy(async () => {
      try {
        return { default: await track(load()) };
      } catch (error) {
        // Not before it was said: a part that fails is drawn once more at once.
        failed.add(renew);
        throw notLoaded(error);
      }
    });
  const renew = () => {
    part = make();
  };
  let part = make();
  return (props: P) => createElement(part as unknown as ComponentType<P>, props);
}
