"""How a certificate is installed, system by system: the steps as people see them on their screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Guide:
    """One system: what it is called, the steps in their order, commands to type if any, how the certificate goes."""

    slug: str
    name: Words
    steps: tuple[Words, ...]
    removal: Words
    commands: tuple[str, ...] = ()


GUIDES: Final = (
    Guide(
        "windows",
        _("Windows (Edge, Chrome)"),
        (
            _("Double-click the file. The Certificate Import Wizard opens."),
            _("Choose “Current User” and go on to the password. Type the PIN or passphrase, dashes included."),
            _("Leave “Mark this key as exportable” switched off, so that nobody can copy the key."),
            _("Choose “Automatically select the certificate store” and finish."),
            _("If you are asked whether to trust the root certificate, compare its fingerprint with our list first."),
        ),
        _("Run certmgr.msc, open “Personal” and “Certificates”, and delete it there."),
    ),
    Guide(
        "macos",
        _("macOS (Safari, Chrome)"),
        (
            _("Double-click the file. Keychain Access opens."),
            _("Choose the keychain “login” and type the PIN or passphrase, dashes included."),
            _("Look under “My Certificates”: the certificate stands there with its key below it."),
            _("If a right PIN is said to be wrong, the system is too old for the file. Please use Firefox, or ask us."),
        ),
        _("Delete it in Keychain Access under “My Certificates”, together with its key."),
    ),
    Guide(
        "ios",
        _("iPhone and iPad"),
        (
            _("Save the file in “Files” and open it there. You are told that a profile was downloaded."),
            _("Open Settings, “General”, “VPN & Device Management”, and choose the profile."),
            _("Press “Install”, and type the passcode of the device, then the PIN or passphrase of the file."),
        ),
        _("Remove the profile at the same place in Settings."),
    ),
    Guide(
        "android",
        _("Android"),
        (
            _("Save the file on the device."),
            _("Open Settings and search for “certificate”. Choose to install a “VPN & app user certificate”."),
            _("Choose the file and type the PIN or passphrase, dashes included. Give it a name that you will know."),
        ),
        _("Open “User credentials” in the same part of Settings, choose the certificate and remove it."),
    ),
    Guide(
        "firefox",
        _("Firefox"),
        (
            _("Open Settings, “Privacy & Security”, and press “View Certificates”."),
            _("Open the tab “Your Certificates” and press “Import”."),
            _("Choose the file and type the PIN or passphrase, dashes included."),
        ),
        _("Delete it in the tab “Your Certificates”."),
    ),
    Guide(
        "acrobat",
        _("Adobe Acrobat Reader (signing PDF)"),
        (
            _("Open Preferences, “Signatures”, and “More” beside “Identities & Trusted Certificates”."),
            _("Choose “Digital ID Files” under “Digital IDs”, then “Attach File”."),
            _("Choose the file and type the PIN or passphrase, dashes included."),
        ),
        _("Choose it in the same list and press “Detach File”; then delete the file."),
    ),
    Guide(
        "linux",
        _("Linux (Chrome, Chromium)"),
        (
            _("Make sure that the tools of NSS are there (“libnss3-tools” on Debian and Ubuntu)."),
            _("Type the command below with the name of your file, then the PIN or passphrase, dashes included."),
            _("Close all windows of the browser and start it again."),
        ),
        _("Delete it with “certutil -F” and the name that “certutil -K” shows for it."),
        ("pk12util -d sql:$HOME/.pki/nssdb -i C-000123.p12", "certutil -d sql:$HOME/.pki/nssdb -L"),
    ),
    Guide(
        "own-key",
        _("A key that you made yourself (CSR)"),
        (
            _("You got a certificate with its issuer in PEM. The key is where you made the request."),
            _("Servers and programs take key and certificate as two files: name both in their configuration."),
            _("Where one file is wanted, join them with the command below, and choose a long passphrase."),
            _("Keep the key readable for you or for the program alone."),
        ),
        _("Delete key and certificate wherever you have put them."),
        (
            "openssl pkcs12 -export -inkey private.key -in C-000123.pem -out C-000123.p12",
            "openssl x509 -in C-000123.pem -noout -subject -enddate",
        ),
    ),
)
