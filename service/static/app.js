"use strict";
// What pages do beyond links and forms: sending files with their progress, and asking before something is lost.
(() => {
  const csrf = document.querySelector("meta[name=csrf]").content;

  document.addEventListener("submit", (event) => {
    const question = event.submitter && event.submitter.dataset.ask;
    if (question && !confirm(question)) event.preventDefault();
  });

  // Menus close when the attention moves on.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  const drop = document.getElementById("drop");
  if (!drop) return;
  const input = drop.querySelector("input[type=file]");
  const list = document.getElementById("sending");
  const waiting = [];
  let active = 0;
  drop.classList.add("js");
  drop.querySelector("button").hidden = true;

  const say = (item, kind, text) => {
    item.row.className = kind;
    item.said.textContent = text;
  };

  const size = (bytes) => bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;

  const conclude = (item, upload) => {
    const refused = upload.items.filter((one) => one.refusal);
    const taken = upload.items.length - refused.length;
    if (!taken) return say(item, "refused", refused.length === 1 ? refused[0].refusal.message : `其中 ${refused.length} 个文件都不能收下：${refused[0].refusal.message}`);
    const known = upload.items.filter((one) => one.duplicate).length;
    let text = upload.kind === "zip" ? `已收下 ${taken} 个文件` : "已收下";
    if (known) text += taken === 1 ? "（以前传过，沿用原有结果）" : `（其中 ${known} 个以前传过）`;
    say(item, "accepted", text);
    for (const one of refused) {
      const li = document.createElement("li");
      li.className = "refused";
      li.append(Object.assign(document.createElement("span"), { className: "name", textContent: `${item.file.name} › ${one.name}` }));
      li.append(Object.assign(document.createElement("span"), { className: "said", textContent: one.refusal.message }));
      item.row.after(li);
    }
  };

  const send = (item) => {
    active += 1;
    const request = new XMLHttpRequest();
    request.open("PUT", `/api/v1/files/${encodeURIComponent(item.file.name)}`);
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      item.bar.value = event.loaded / event.total;
      item.said.textContent = event.loaded < event.total ? `${size(event.loaded)} / ${size(event.total)}` : "正在检查……";
    });
    request.addEventListener("loadend", () => {
      active -= 1;
      item.bar.remove();
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { /* not ours: a proxy's page, or no answer at all */ }
      if (answer && answer.items) conclude(item, answer);
      else if (answer && answer.detail) say(item, "refused", answer.detail);
      else say(item, "refused", request.status ? `服务器没有正常回答（${request.status}），请稍后重试。` : "网络中断，文件没有传完。请检查网络后重新上传。");
      document.body.dispatchEvent(new CustomEvent("uploaded"));
      next();
    });
    request.send(item.file);
  };

  // Browsers keep six connections to a server; three leave room for the page itself.
  const next = () => { while (active < 3 && waiting.length) send(waiting.shift()); };

  const add = (files) => {
    for (const file of files) {
      const row = document.createElement("li");
      const name = Object.assign(document.createElement("span"), { className: "name", textContent: file.name });
      const right = document.createElement("span");
      const said = Object.assign(document.createElement("span"), { className: "said", textContent: "等待上传" });
      const bar = document.createElement("progress");
      bar.setAttribute("aria-label", `${file.name}的上传进度`);
      bar.max = 1;
      bar.value = 0;
      right.append(said, bar);
      row.append(name, right);
      list.append(row);
      list.hidden = false;
      waiting.push({ file, row, said, bar });
    }
    next();
  };

  input.addEventListener("change", () => { add([...input.files]); input.value = ""; });
  let depth = 0;
  addEventListener("dragenter", (event) => { event.preventDefault(); depth += 1; drop.classList.add("over"); });
  addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) drop.classList.remove("over"); });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    drop.classList.remove("over");
    add([...event.dataTransfer.files].filter((file) => file.size || file.type));
  });
  addEventListener("beforeunload", (event) => { if (active || waiting.length) event.preventDefault(); });
})();
