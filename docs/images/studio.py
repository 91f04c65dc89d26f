"""The picture of hdr-studio in the documentation: the demo on its page, in Debian's chromium.

Run `python docs/images/studio.py`.
"""

import io
import shutil
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image
from selenium import webdriver

HERE = Path(__file__).parent
WIDTH, HEIGHT = 1280, 860


def main() -> None:
    """Open the demo, move a slider, and write what the page looks like."""
    command = [sys.executable, "-m", "hdr_lightning.commands.studio", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        options = webdriver.ChromeOptions()
        for switch in ("headless=new", "no-sandbox", "hide-scrollbars"):
            options.add_argument(f"--{switch}")
        options.binary_location = shutil.which("chromium")
        browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
        try:
            size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            browser.get(server.stdout.readline().strip())
            _click(browser, "Try the demo")
            _wait(browser, "document.querySelector('.strip img')")
            _move(browser, "highlights", -0.3)
            _wait(browser, "document.querySelector('.facts').textContent.includes('highlights')")
            time.sleep(2)
            picture = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("RGB")
            picture.save(HERE / "studio.jpg", quality=74, optimize=True)
        finally:
            browser.quit()
            server.terminate()


def _click(browser: webdriver.Chrome, text: str) -> None:
    next(node for node in browser.find_elements("css selector", "button") if node.text == text).click()


def _move(browser: webdriver.Chrome, name: str, value: float) -> None:
    script = "const [node, value] = arguments; node.value = value; node.dispatchEvent(new Event('input'))"
    browser.execute_script(script, browser.find_element("css selector", f"input[name={name}]"), value)


def _wait(browser: webdriver.Chrome, true: str) -> None:
    while not browser.execute_script(f"return {true}"):
        time.sleep(0.1)


if __name__ == "__main__":
    main()
