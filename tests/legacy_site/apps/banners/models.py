from django.db import models


class Banner(models.Model):
    title = models.CharField(max_length=1024, help_text="The words on the button.")
    message = models.CharField(max_length=2048)
    link = models.CharField(max_length=1024)
    active = models.BooleanField(default=False)
    psf_pages_only = models.BooleanField("Only on pages of the foundation", default=True)

    def __str__(self) -> str:
        return self.title
