// Search where the site is opened as files: browsers start no worker there, so a frame stands in.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.body.appendChild(document.createElement("iframe"));
      this.frame.hidden = true;
      const inside = this.frame.contentWindow;
      inside.document.open();
      inside.document.write(`<body><script>
        postMessage = message => parent.postMessage(message, "*");
        importScripts = async (...urls) => { for (const url of urls) await new Promise(done => {
          const script = document.createElement("script");
          Object.assign(script, { src: url, onload: done });
          document.body.append(script);
        })};
      <\/script><script src="${url}"><\/script></body>`);
      inside.document.close();
      this.ready = new Promise(done => inside.addEventListener("load", done));
      addEventListener("message", event => {
        if (event.source !== inside) return;
        const told = new MessageEvent("message", { data: event.data });
        this.dispatchEvent(told);
        if (this.onmessage) this.onmessage(told);
      });
    }

    async postMessage(data) {
      await this.ready;
      this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data }));
    }

    terminate() {
      this.frame.remove();
    }
  };
}
