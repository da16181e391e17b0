// The box's screen shows a QR code of this page with the one-time code behind the #, which no
// browser sends to anybody: put it into its field, and out of the address.
const code = decodeURIComponent(location.hash.slice(1));
if (/^[0-9A-Za-z-]{1,40}$/.test(code)) {
  document.getElementById("code").value = code;
  history.replaceState(null, "", location.pathname);
  document.getElementById("name").focus();
}
