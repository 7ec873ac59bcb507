from datetime import UTC, datetime

from legacy_site.apps.cms.seeding import put
from legacy_site.apps.community.models import Link, Photo, Post, Video
from legacy_site.apps.users.models import User


def seed() -> None:
    author = User.objects.get(username="u1_1")
    text = _post("A board for micro-controllers", Post.MediaType.TEXT, 1, creator=author)
    link = _post("Talks to read", Post.MediaType.LINK, 2)
    photo = _post("A room full of laptops", Post.MediaType.PHOTO, 3)
    video = _post("Ten minutes on generators", Post.MediaType.VIDEO, 4)
    _post("Not for everybody", Post.MediaType.TEXT, 5, status=Post.Status.PRIVATE)
    put(Link, {"post": link}, url="https://talks.example.org/")
    put(Link, {"post": text}, url="https://boards.example.org/")
    put(
        Photo,
        {"post": photo},
        image_url="https://photos.example.org/room.jpg",
        caption="The second day.",
    )
    put(
        Video,
        {"post": video},
        video_embed="https://films.example.org/embed/generators",
        caption="With subtitles.",
    )


def _post(title: str, media_type: int, day: int, **values) -> Post:
    values = {"status": Post.Status.PUBLIC, **values}
    return put(
        Post,
        {"title": title},
        media_type=media_type,
        content=f"<p>{title}, in a few words.</p>",
        meta={"day": day},
        created=datetime(2025, 12, day, 8, tzinfo=UTC),
        **values,
    )
