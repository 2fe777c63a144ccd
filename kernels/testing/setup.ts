/**
 * Property tests draw the same cases each time, so that a change is judged by what it changed. To hunt, let each run draw
 * its own: `FC_SEED=random npm run test:unit`; a number repeats a run that found something.
 */
import fc from "fast-check";
import "../notation/all.ts";

const wanted = process.env.FC_SEED ?? "20261122";
if (wanted !== "random") fc.configureGlobal({ seed: Number(wanted) });
