// Runs before the first paint, so that no theme flashes. No module: modules wait. theme.ts takes over from here.
var root = document.documentElement.dataset;
try {
  root.choice = localStorage.getItem('weir.theme') || 'auto';
} catch (_) {
  root.choice = 'auto'; // storage is forbidden
}
if (root.choice === 'dark' || root.choice === 'light') root.theme = root.choice;
else root.theme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
