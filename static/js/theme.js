// Chooses light, dark or auto before the first paint: hence a plain script in the head, no module.
// The key in storage is the one of the stock Django admin, so that the choice holds everywhere.
'use strict';
(() => {
  const THEMES = ['auto', 'light', 'dark'];
  const root = document.documentElement;

  function stored() {
    try {
      const theme = localStorage.getItem('theme');
      return THEMES.includes(theme) ? theme : 'auto';
    } catch {
      return 'auto'; // storage is forbidden here
    }
  }

  function choose(theme) {
    root.dataset.theme = theme;
    try {
      localStorage.setItem('theme', theme);
    } catch {
      // it holds for this page only
    }
  }

  root.dataset.theme = stored();
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-theme-switch]');
    if (button) choose(THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length]);
  });
})();
