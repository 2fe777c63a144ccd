/** Bits shared out among the tensors of a model: by which signal, by which search. */
import type { Paper } from "./paper.ts";
import { proxies } from "./section-8/proxies.ts";
import { searches } from "./section-8/searches.ts";
import { sensitivities } from "./section-8/sensitivities.ts";
import { signals } from "./section-8/signals.ts";

const place = ({ section }: Paper) => Number(section.split(".")[1]);

export const allocation: readonly Paper[] = [...sensitivities, ...signals, ...searches, ...proxies].sort(
  (a, b) => place(a) - place(b),
);
