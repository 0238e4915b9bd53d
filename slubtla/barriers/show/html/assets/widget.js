// The explorer as a widget: the trait `step` follows the reader, and the reader follows it.
function render({ model, el }) {
  el.classList.add("slubtla");
  const root = document.createElement("div");
  root.dataset.lmSuppressShortcuts = "true"; // the arrow keys are not JupyterLab's here
  el.append(root);
  let at = model.get("step");
  const explorer = mount(root, model.get("data"), {
    step: at,
    onStep(number) {
      at = number;
      if (model.get("step") === number) return;
      model.set("step", number);
      model.save_changes();
    },
  });
  const follow = () => {
    if (model.get("step") !== at) explorer.go(model.get("step"));
  };
  model.on("change:step", follow);
  return () => {
    model.off("change:step", follow);
    explorer.destroy();
  };
}

export default { render };
