/** Whether what is shown was come back to: then the place where one was is found again, and nothing scrolls to the top. */

let isBack = false;

// The last two are told by wouter.
for (const name of ["popstate", "pushState", "replaceState"])
  window.addEventListener(name, () => {
    isBack = name === "popstate";
  });

/** True after going back or forward, until one goes somewhere by a link. */
export function cameBack(): boolean {
  return isBack;
}
