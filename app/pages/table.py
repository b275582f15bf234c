"""The pages beside driving, one row each; the order is that of the menu."""

from typing import Final

from app.pages.page import PageRow

PAGES: Final = (
    PageRow("review", "Review", ("F6",), "app.pages.review:Review"),
    PageRow("compare", "Compare", ("F7",), "app.pages.compare:Compare"),
    PageRow("failures", "Failures", ("Ctrl+F10",), "app.pages.failures:Failures"),
    PageRow("sessions", "Sessions", ("F8",), "app.pages.sessions:Sessions"),
    PageRow("post_training", "Post-training", ("Ctrl+F8",), "app.pages.post_training:PostTraining"),
)
