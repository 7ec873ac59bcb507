const write = (id, line) => document.getElementById(id).append(`${line}\n`);

document.getElementById("listen").addEventListener("click", () => {
  const source = new EventSource("/streams/events/");
  source.addEventListener("message", (event) => write("events", event.data));
  source.addEventListener("end", (event) => {
    write("events", event.data);
    source.close();
  });
});

document.getElementById("upload").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = event.target.elements.file.files[0];
  const answer = await fetch("/streams/sink/", { method: "PUT", body });
  write("uploaded", await answer.text());
});

let socket = null;

function opened() {
  if (socket === null) {
    const url = new URL("/streams/echo/", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    socket = new WebSocket(url);
    socket.addEventListener("message", ({ data }) => write("echo", data));
    socket.addEventListener("close", ({ code, reason }) => {
      write("echo", `closed: ${code} ${reason}`);
      socket = null;
    });
  }
  return new Promise((resolve) => {
    if (socket.readyState === WebSocket.OPEN) resolve(socket);
    else socket.addEventListener("open", () => resolve(socket), { once: true });
  });
}

document.getElementById("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { message } = event.target.elements;
  (await opened()).send(message.value);
  message.value = "";
});
