/** The page's dialogs, loaded when the first is opened. */
import { Dialog } from "@base-ui/react/dialog";
import { type ReactNode, Suspense } from "react";
import type { Action } from "../actions/action.ts";
import { resetSaving, stopSaving } from "../export/saving.ts";
import { showDialog, uiStore } from "../state/ui.ts";
import { useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { lazyPart } from "../widgets/lazyPart.ts";
import { AddressForm } from "./AddressForm.tsx";
import { DefinitionsForm } from "./DefinitionsForm.tsx";
import { GeneratorForm } from "./GeneratorForm.tsx";
import { LargeTensorForm } from "./LargeTensorForm.tsx";
import { NumbersForm } from "./NumbersForm.tsx";
import { RawForm } from "./RawForm.tsx";
import { SharePanel } from "./SharePanel.tsx";
import { ShortcutList } from "./ShortcutList.tsx";

const CodePanel = lazyPart(async () => (await import("./CodePanel.tsx")).CodePanel);
const Palette = lazyPart(async () => (await import("../palette/Palette.tsx")).Palette);
const ExportForm = lazyPart(async () => (await import("./ExportForm.tsx")).ExportForm);

export function Dialogs({ actions }: { actions: readonly Action[] }) {
  const { source, large } = useWorkbench();
  const dialog = useStoreOf(uiStore, (s) => s.dialog);
  const undescribed = useStoreOf(source.store, (s) => s.undescribed);
  const asked = useStoreOf(large.store, (s) => s.asked);
  const close = () => showDialog(null);
  if (undescribed) {
    return (
      <Sheet title="Read a file as raw numbers" onClose={() => source.describeLater()}>
        <RawForm file={undescribed} onDone={() => source.describeLater()} />
      </Sheet>
    );
  }
  if (asked && !dialog) {
    return (
      <Sheet title="A large tensor" onClose={() => large.decide("nothing")}>
        <LargeTensorForm large={asked} onDecide={(extent) => large.decide(extent)} />
      </Sheet>
    );
  }
  switch (dialog) {
    case "numbers":
      return (
        <Sheet title="Type or paste numbers" onClose={close}>
          <NumbersForm onDone={close} />
        </Sheet>
      );
    case "address":
      return (
        <Sheet title="Open an address" onClose={close}>
          <AddressForm onDone={close} />
        </Sheet>
      );
    case "generator":
      return (
        <Sheet title="Generate numbers" onClose={close}>
          <GeneratorForm onDone={close} />
        </Sheet>
      );
    case "definitions":
      return (
        <Sheet title="Named codebooks" onClose={close}>
          <DefinitionsForm onDone={close} />
        </Sheet>
      );
    case "share":
      return (
        <Sheet title="Link to this experiment" onClose={close}>
          <SharePanel />
        </Sheet>
      );
    case "export": {
      // Whoever comes back wants the next file, and not to be told of the last.
      const leave = () => {
        resetSaving();
        close();
      };
      return (
        <Sheet title="Export a file" steady onClose={() => stopSaving() || leave()}>
          <Suspense fallback={<p className="m-0 text-muted">Loading…</p>}>
            <ExportForm onDone={leave} />
          </Suspense>
        </Sheet>
      );
    }
    case "code":
      return (
        <Sheet title="Recipes as code" onClose={close}>
          <Suspense fallback={<p className="m-0 text-muted">Loading…</p>}>
            <CodePanel />
          </Suspense>
        </Sheet>
      );
    case "palette":
      return (
        <Suspense fallback={null}>
          <Palette actions={actions} />
        </Suspense>
      );
    case "shortcuts":
      return (
        <Sheet title="Keys and gestures" onClose={close}>
          <ShortcutList actions={actions} />
        </Sheet>
      );
    default:
      return null;
  }
}

interface SheetProps {
  title: string;
  /** A click beside it does not close it: something may be under way in it. */
  steady?: boolean;
  onClose: () => void;
  children: ReactNode;
}

function Sheet({ title, steady = false, onClose, children }: SheetProps) {
  return (
    <Dialog.Root open disablePointerDismissal={steady} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/35" />
        <Dialog.Popup
          // What one came for has the keyboard, rather than the way out; a finger would call up a keyboard.
          initialFocus={(by) => by === "touch" || (document.querySelector<HTMLElement>("[data-first]") ?? true)}
          className="popup fixed top-1/2 left-1/2 z-50 flex max-h-[88vh] w-[min(560px,calc(100vw-16px))] -translate-x-1/2 -translate-y-1/2 flex-col gap-3 p-4"
        >
          <div className="flex items-center">
            <Dialog.Title className="m-0 mr-auto font-semibold text-base">{title}</Dialog.Title>
            <Dialog.Close className="btn btn-quiet px-1.5" aria-label="Close">
              <Icon name="close" />
            </Dialog.Close>
          </div>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
