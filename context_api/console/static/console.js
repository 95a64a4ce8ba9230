// What HTML and htmx can't say by themselves: dialogs, keys, and focus after a swap. Everything works without it, by forms and links.
"use strict";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (dialog?.showModal) {
      event.preventDefault();
      dialog.showModal();
      dialog.querySelector("[data-first]")?.focus();
    }
    return;
  }
  const closer = event.target.closest("[data-closes]");
  if (closer || event.target.matches("dialog")) {
    (closer ?? event.target).closest("dialog").close();
  }
});

// A key presses the control that names it (data-key="y"), unless a person is typing or a dialog is open.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select");
  if (event.key === "Escape" && typing) return typing.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector("dialog[open]")) return;
  const control = document.querySelector(`[data-key~="${CSS.escape(event.key)}"]:not([disabled])`);
  if (!control) return;
  event.preventDefault();
  if (control.matches("input, textarea, select")) {
    control.focus();
    control.select?.();
  } else {
    control.click();
  }
});
