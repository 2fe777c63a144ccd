/** The Formats view in its place on the page, which scrolls. */
import { FormatsView } from "./FormatsView.tsx";

export function FormatsTab() {
  return (
    // What only screen readers are told is placed in here, or the page would grow by it.
    <div className="relative px-1.5 pb-1.5 max-[859px]:p-2">
      <h2 className="sr-only">Formats</h2>
      <FormatsView />
    </div>
  );
}
