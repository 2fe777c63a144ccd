/** A component that is loaded when it is first drawn; the page is not idle while it loads. */
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { track } from "../state/busy.ts";

export const lazyPart = <P extends object>(
  load: () => Promise<ComponentType<P>>,
): LazyExoticComponent<ComponentType<P>> => lazy(async () => ({ default: await track(load()) }));
