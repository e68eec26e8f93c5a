// Runs before the first paint, so that a kept theme never flashes. No module: modules wait.
try {
  var kept = localStorage.getItem('weir.theme');
  if (kept === 'dark' || kept === 'light') document.documentElement.dataset.theme = kept;
} catch (_) {
  // storage is forbidden: the system's theme it is
}
