"use strict";
// Figures enlarge, what is folded opens on paper and where a link leads, the list shows the place.
(() => {
  const dialog = document.querySelector("dialog.zoom");
  const large = dialog.querySelector("img");
  for (const card of document.querySelectorAll("button.card")) {
    card.addEventListener("click", () => {
      const image = card.querySelector("img");
      large.src = image.src;
      large.alt = image.alt;
      // on a phone too wide for the screen: it is moved with a finger
      large.style.minWidth = `${Math.min(image.naturalWidth, 900)}px`;
      dialog.showModal();
    });
  }
  large.addEventListener("click", () => dialog.close());

  const folded = [...document.querySelectorAll("details")];
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = folded.filter((d) => !d.open);
    for (const d of closed) d.open = true;
  });
  addEventListener("afterprint", () => {
    for (const d of closed) d.open = false;
  });
  const unfold = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    const around = target && target.closest("details");
    if (around && !around.open) {
      around.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", unfold);
  unfold();

  const links = new Map();
  for (const a of document.querySelectorAll("nav li a")) links.set(a.hash.slice(1), a);
  const seen = new IntersectionObserver((entries) => {
    for (const e of entries) {
      const link = links.get(e.target.id);
      link.classList.toggle("here", e.isIntersecting);
      if (e.isIntersecting) {
        // sideways on a phone, downwards beside the page; never the page itself
        const list = document.querySelector("nav");
        list.scrollLeft = link.offsetLeft - list.clientWidth / 2;
        const low = link.offsetTop - list.scrollTop;
        if (low < 0 || low > list.clientHeight - 40) list.scrollTop = link.offsetTop - list.clientHeight / 2;
      }
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  for (const id of links.keys()) seen.observe(document.getElementById(id));
})();
