/** The entry of a browser's thread for linear algebra. */
import type { Endpoint } from "comlink";
import { serveMachines } from "./machines.ts";

serveMachines(self as unknown as Endpoint);
