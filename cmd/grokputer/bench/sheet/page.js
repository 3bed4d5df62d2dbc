// Runs in the sheet, after the script of the stage and within the same function.
orders.change = async () => {
  for (const [row, text] of Object.entries(sheet.changes)) {
    document.getElementById('row' + row).textContent = text;
  }
  await shown();
  post('changed');
};

window.addEventListener('load', async () => {
  await document.fonts.ready;
  await shown();
  post('shown');
});
