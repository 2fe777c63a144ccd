/**
 * For what one came for in a dialog whose content comes after it: takes the focus from the way out, where that has it.
 * Content that is there at once says `data-first` instead.
 */
export function takeFocus(element: HTMLElement | null): void {
  const dialog = element?.closest("[role=dialog]");
  const way = dialog?.querySelector('[aria-label="Close"]');
  if (way && document.activeElement === way) element?.focus();
}
